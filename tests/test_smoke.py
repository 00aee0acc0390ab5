"""The foundations hold."""


def test_fixture_builds(app, make_notice, make_volunteer):
    """A fresh folder gives a migrated database that takes a notice and a volunteer."""
    assert make_notice().id == 1
    assert make_volunteer().accounts[0].network == "x"
