"""What counts as nearly the same notice."""

from hypothesis import given
from hypothesis import strategies as st

from bot.model.notice import Contract, NoticeText
from bot.moderation.likeness import NEAR, Index, likeness, near

TEXT = "Seven years in practice, closings and payroll, Sage and Excel blindfolded. Available in December."


def words(text, title="Accounting assistant"):
    """A notice with this text."""
    return NoticeText(title, "Lille", remote=False, contract=Contract.ANY, text=text, name="Nadia")


def test_case_accents_digits_links_and_mentions_do_not_count():
    """What spammers vary is not compared."""
    varied = "@ana SEVEN years in practice 123, closings & payroll: Sage and Excel blindfoldéd! https://a.example/x"
    assert likeness(TEXT, varied + " Available in December #job") >= NEAR


def test_another_notice_is_not_near():
    """Two people of one trade are not one person."""
    other = "Five years as a payroll clerk, Silae and Excel. I am looking for a small firm, from January."
    assert likeness(TEXT, other) < NEAR


def test_short_texts_are_not_compared():
    """A handful of characters resembles everything."""
    assert likeness("Welder, Lille", "Welder, Lille") == 0


def test_the_nearest_comes_first():
    """Near-duplicates are sorted by likeness."""
    others = [
        (1, words(TEXT + " Thank you very much."), False),
        (2, words(TEXT), True),
        (3, words("x" * 90), True),
    ]
    assert [(found, same) for found, same, _ in near(words(TEXT), others)] == [(2, True), (1, False)]


def test_the_index_finds_what_is_near():
    """The index gives the near ones, not the notice itself, and leaves out most of the others."""
    many = [
        (i, words(f"{chr(97 + i % 26) * 9} number {chr(98 + i % 25) * 12} {i} and so on")) for i in range(300)
    ]
    index = Index([*many, (900, words(TEXT)), (901, words(TEXT + " Thanks."))])
    found = index.near(901, [900], words(TEXT + " Thanks."))
    assert [twin for notice_id, _, twin in found if notice_id == 900] == [True]
    assert 901 not in [notice_id for notice_id, _, _ in found]
    assert len(found) < len(many) / 2


@given(st.text(max_size=300), st.text(max_size=300))
def test_likeness_is_symmetric_and_bounded(one, other):
    """Whatever the texts, the figure is between 0 and 1 and the same both ways."""
    assert 0 <= likeness(one, other) == likeness(other, one) <= 1
