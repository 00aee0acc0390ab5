"""The address at which a seeker may be answered."""

import pytest

from bot.intake.answers import read_answer_to


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Nadia@Example.org", "nadia@example.org"),
        ("https://www.linkedin.com/in/nadia", "https://www.linkedin.com/in/nadia"),
        ("Nadia.Example/CV", "https://nadia.example/CV"),
        ("http://nadia.example", "http://nadia.example"),
        ("https://piaille.example/@nadia", "https://piaille.example/@nadia"),
    ],
)
def test_addresses_are_written_one_way(typed: str, shown: str):
    """E-mails in lower case, web addresses with scheme; the path stays as it is."""
    assert read_answer_to(typed) == shown


@pytest.mark.parametrize(
    "typed",
    [
        "nadia",
        "06 12 34 56 78",
        "nadia@",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://a@evil.example/",
        "https://evil.example:8080/",
        "http://127.0.0.1/",
        "http://localhost/cv",
        "https://liпkedin.com/in/nadia",
        "https://nadia.example/a b",
        'https://nadia.example/"onclick="x',
        "https://nadia.example/" + "a" * 200,
    ],
)
def test_anything_else_is_refused(typed: str):
    """Other schemes, logins, ports, machines, look-alike letters, quotes: no address to show."""
    assert read_answer_to(typed) is None
