"""What people type on the join page becomes a profile, or sentences beside the fields."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.networks import every
from bot.roster import form
from bot.roster.form import Application
from bot.roster.profile import Profile
from bot.sets import regions, sectors

GOOD = Application(
    name="Samir",
    networks=("x", "mastodon"),
    handles={"x": "@Samir", "mastodon": "https://piaille.fr/@samir"},
    charter=True,
    consent=True,
)


def read(application: Application = GOOD, **changes: Any) -> tuple[Profile | None, list[str]]:
    """Read an application and give the ids of the wrong fields."""
    profile, errors = form.read(
        replace(application, **changes), networks=every(), sectors=sectors(), regions=regions()
    )
    return profile, [error.field for error in errors]


def profile(**changes: Any) -> Profile:
    """Read an application that must pass."""
    found, wrong = read(**changes)
    assert found is not None, wrong
    return found


def test_handles_are_normalised_by_their_network():
    """A handle or a profile's address becomes the network's own form."""
    assert profile().presence.accounts == (("x", "samir"), ("mastodon", "samir@piaille.fr"))


def test_defaults_are_five_a_day_everything_quiet_at_night():
    """Somebody who changes nothing gets 5 a day, an hour apart, quiet from 21:00 to 8:00, all notices."""
    found = profile()
    assert (found.pace.cap_day, found.pace.spacing_min) == (5, 60)
    assert (found.hours.quiet_start_min, found.hours.quiet_len_min) == (21 * 60, 11 * 60)
    assert found.interests.sectors is None
    assert found.interests.regions is None


@pytest.mark.parametrize(
    ("pace", "cap", "expected"), [("gentle", "", 2), ("lots", "3", 10), ("custom", "17", 17)]
)
def test_pace_is_a_preset_or_a_number(pace: str, cap: str, expected: int):
    """The number counts only with the choice of a number of one's own."""
    assert profile(pace=pace, cap=cap).pace.cap_day == expected


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " \u200b\x00 "}, "name"),
        ({"name": "n" * 41}, "name"),
        ({"networks": ()}, "networks"),
        ({"networks": ("myspace",)}, "networks"),
        ({"handles": {"x": "", "mastodon": "samir@piaille.fr"}}, "handle-x"),
        ({"handles": {"x": "sam", "mastodon": "samir"}}, "handle-mastodon"),
        ({"pace": "huge"}, "pace"),
        ({"pace": "custom", "cap": "0"}, "cap"),
        ({"pace": "custom", "cap": "21"}, "cap"),
        ({"pace": "custom", "cap": "²"}, "cap"),
        ({"spacing": "-1"}, "spacing"),
        ({"spacing": "721"}, "spacing"),
        ({"sectors_wanted": "some", "sectors": ("?",)}, "sectors"),
        ({"regions_wanted": "some"}, "regions"),
        ({"languages": ("de",)}, "languages"),
        ({"quiet_from": "25:00"}, "quiet_from"),
        ({"quiet_to": "soon"}, "quiet_to"),
        ({"quiet_from": "08:00", "quiet_to": "08:00"}, "quiet_to"),
        ({"quiet_from": "08:00", "quiet_to": "07:30"}, "quiet_to"),
        ({"time_zone": "Europe/Lutece"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"charter": False}, "charter"),
        ({"consent": False}, "consent"),
    ],
)
def test_each_problem_is_told_beside_its_field(changes: dict[str, Any], field: str):
    """Whatever is wrong, exactly that field says so, in a sentence."""
    found, wrong = read(**changes)
    assert found is None
    assert wrong == [field]


def test_all_problems_come_at_once_in_the_order_of_the_page():
    """Nobody has to send the form twice to learn the second problem."""
    _, wrong = read(name="", networks=(), pace="", languages=(), charter=False)
    assert wrong == ["name", "networks", "pace", "languages", "charter"]


def test_quiet_hours_may_span_midnight_or_be_none():
    """22:30 to 6:15 is seven hours and three quarters; no quiet hours are zero minutes."""
    assert profile(quiet_from="22:30", quiet_to="06:15").hours.quiet_len_min == 465
    assert profile(quiet="no", quiet_from="x").hours.quiet_len_min == 0


def test_without_boxes_a_handle_is_a_choice():
    """The command line ticks no box: networks with a handle count."""
    found = profile(networks=None, handles={"bluesky": "samir.bsky.social", "x": " "})
    assert found.presence.accounts == (("bluesky", "samir.bsky.social"),)


def test_a_settings_page_shows_what_was_saved(make_volunteer):
    """Reading the page filled from a volunteer gives the same limits, choices and accounts."""
    volunteer = make_volunteer(
        accounts=[("x", "samir")], cap_day=7, sectors={"M"}, quiet_start_min=1290, quiet_len_min=600
    )
    found, wrong = read(form.filled(volunteer))
    assert found is not None, wrong
    assert found.limits == volunteer.limits
    assert found.interests.sectors == volunteer.sectors
    assert found.presence.accounts == (("x", "samir"),)


HOSTILE = st.text(st.characters(exclude_categories=()), max_size=60)


@settings(max_examples=300, deadline=None)
@given(
    st.builds(
        Application,
        name=HOSTILE,
        networks=st.tuples(HOSTILE, st.sampled_from(["x", "mastodon", "bluesky", "linkedin"])),
        handles=st.dictionaries(st.sampled_from(["x", "mastodon", "bluesky", "linkedin"]), HOSTILE),
        pace=HOSTILE | st.just("custom"),
        cap=HOSTILE,
        spacing=HOSTILE,
        sectors_wanted=HOSTILE,
        sectors=st.tuples(HOSTILE),
        quiet_from=HOSTILE,
        quiet_to=HOSTILE,
        time_zone=HOSTILE,
        charter=st.booleans(),
        consent=st.booleans(),
    )
)
def test_hostile_strings_never_raise(application: Application):
    """Any Unicode, lone surrogates and NUL included, gives a clean profile or errors with sentences."""
    found, errors = form.read(application, networks=every(), sectors=sectors(), regions=regions())
    assert (found is None) == bool(errors)
    for error in errors:
        assert str(error.message)


@given(HOSTILE)
def test_a_name_stays_on_one_line_without_invisible_characters(text: str):
    """Line breaks, zero-width characters, bidi overrides, controls and lone surrogates are gone."""
    line = form.one_line(text)
    line.encode()
    assert line == line.strip()
    assert not set(line) & {"\n", "\r", "\0", "\u200b", "\u202e", "\u2028"}
