"""Policy as data: ours, changed by the operator's files, never beyond what a network allows."""

import pytest

from bot.errors import ConfigError
from bot.model.boost import Mode
from bot.model.notice import Consent
from bot.networks import every, policy


def load(tmp_path, network, text=""):
    """The policy of one network with this file of the operator's."""
    if text:
        (tmp_path / f"{network}.toml").write_text(text, encoding="utf-8")
    return policy.load([network], tmp_path)[network]


def test_every_network_has_a_policy_and_sources():
    """Without any file of the operator's all networks have one; each rule says what it stands on."""
    found = policy.load(every())
    assert found.keys() == every().keys()
    for name, ours in found.items():
        assert ours.modes == {Mode.BY_HAND}
        assert all(rule.says and rule.source for rule in policy.rules(name))


def test_found_posts_by_default(tmp_path):
    """On X a found post may be boosted by hand; on Mastodon and Bluesky its author has to ask."""
    by_hand = {name: load(tmp_path, name).modes_for(Consent.FOUND) for name in ("x", "mastodon", "bluesky")}
    assert by_hand == {"x": {Mode.BY_HAND}, "mastodon": set(), "bluesky": set()}
    assert load(tmp_path, "mastodon").modes_for(Consent.ASKED) == {Mode.BY_HAND}


def test_the_operator_changes_single_keys(tmp_path):
    """What a file does not name stays as it was."""
    own = load(tmp_path, "mastodon", '[consent]\nby_hand = "found"\n')
    assert own.modes_for(Consent.FOUND, "piaille.fr") == {Mode.BY_HAND}
    assert own.cap_day == load(tmp_path / "none", "mastodon").cap_day


def test_an_instance_has_rules_of_its_own(tmp_path):
    """An instance's keys count there, the network's elsewhere."""
    own = load(
        tmp_path,
        "mastodon",
        '[consent]\nby_hand = "found"\n[instances."Strict.example".consent]\nby_hand = "asked"\n',
    )
    assert own.modes_for(Consent.FOUND, "strict.example") == set()
    assert own.modes_for(Consent.FOUND, "piaille.fr") == {Mode.BY_HAND}


@pytest.mark.parametrize(
    ("network", "text", "names"),
    [
        ("x", "cap_day = 50", ["config", "cap_day = 50", "docs.x.com/developer-terms/policy"]),
        ("x", '[consent]\nautomatic = "found"', ["consent.automatic = found", "express and informed"]),
        ("x", "spacing_min = 1", ["spacing_min = 1", "docs.x.com/developer-guidelines"]),
        ("linkedin", 'modes = ["by_hand", "automatic"]', ["modes = automatic", "User Agreement"]),
        ("mastodon", '[instances."a.example".consent]\none_tap = "found"', ["a.example", "#NoBot"]),
    ],
)
def test_what_a_network_forbids_stops_the_start(tmp_path, network, text, names):
    """The sentence names the file, the value, the rule and its source."""
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, network, text)
    for name in names:
        assert name in str(refused.value).replace(str(tmp_path), "config")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("cap = 3", "unknown key cap"),
        ('cap_day = "3"', "cap_day must be a whole number"),
        ("cap_day = true", "cap_day must be a whole number"),
        ('[consent]\nby_hand = "maybe"', "consents are found, asked"),
        ('modes = ["by_magic"]', "modes are by_hand"),
        ("modes = [", "cannot be read"),
    ],
)
def test_a_wrong_file_is_named(tmp_path, text, says):
    """A key or a value that nobody knows stops the start too."""
    with pytest.raises(ConfigError, match=says):
        load(tmp_path, "x", text)
