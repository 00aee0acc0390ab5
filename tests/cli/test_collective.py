"""`bot collective`: its names are checked before anything is asked."""


def test_a_name_is_checked_before_the_question(run):
    """Nobody is there to answer, and nothing is to be asked."""
    said = run("collective", "disconnect", "nonsense", code=1).stderr
    assert "The collective has no account on nonsense" in said
