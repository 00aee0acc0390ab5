"""Policy as data: ours in this package, changed by the operator's own files, checked against the rules."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from bot.errors import ConfigError
from bot.model.boost import Mode
from bot.model.notice import Consent
from bot.model.policy import Policies, Policy, Rule

OWN = Path("config/networks")
"""Folder of the operator's files, under the working folder: `mastodon.toml` changes single keys of ours."""
_NUMBERS = ("cap_day", "spacing_min", "collective_cap_day", "collective_spacing_min")
_KEYS = {"modes": list, "consent": dict, **dict.fromkeys(_NUMBERS, int), "instances": dict}


def load(networks: Iterable[str], folder: Path = OWN) -> Policies:
    """Read the policies of these networks.

    Raises:
        ConfigError: a file cannot be read, has an unknown key, or allows what its network forbids; the
            message names the rule and its source.
    """
    return {name: _load(name, folder) for name in networks}


def rules(network: str) -> list[Rule]:
    """Give the bounds that a network sets to every policy."""
    return [_rule(row) for row in _ours(network).get("rule", ())]


def _ours(network: str) -> dict[str, Any]:
    file = files(__name__) / f"{network}.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


def _rule(row: Mapping[str, Any]) -> Rule:
    only = tuple(row["only"]) if "only" in row else None
    return Rule(row["key"], row["says"], row["source"], only, row.get("most"), row.get("least"))


def _load(network: str, folder: Path) -> Policy:
    ours = _ours(network)
    own = folder / f"{network}.toml"
    values: dict[str, Any] = {key: ours[key] for key in ("modes", "consent", *_NUMBERS) if key in ours}
    changes: dict[str, Any] = {}
    if own.is_file():
        try:
            changes = tomllib.loads(own.read_text("utf-8"))
        except (OSError, ValueError) as error:
            message = f"{own} cannot be read: {error}"
            raise ConfigError(message) from error
    instances = {**ours.get("instances", {}), **changes.pop("instances", {})}
    base = _merged(values, changes, str(own))
    bounds = rules(network)
    policy = _policy(network, base, bounds, str(own))
    per = {}
    for host, row in instances.items():
        where = f"{own}, instances.{host}"
        per[host.lower()] = _policy(network, _merged(base, row, where), bounds, where)
    return replace(policy, instances=per)


def _merged(values: Mapping[str, Any], changes: Any, where: str) -> dict[str, Any]:
    if not isinstance(changes, dict):
        message = f"{where}: must be a table of keys."
        raise ConfigError(message)
    for key, value in changes.items():
        kind = _KEYS.get(key)
        if kind is None or key == "instances":
            message = f"{where}: unknown key {key}; there are {', '.join(k for k in _KEYS)}."
            raise ConfigError(message)
        if not isinstance(value, kind) or isinstance(value, bool):
            message = f"{where}: {key} must be a {_NAMES[kind]}."
            raise ConfigError(message)
    consent = {**values.get("consent", {}), **changes.get("consent", {})}
    return {**values, **changes, "consent": consent}


_NAMES = {list: "list", dict: "table", int: "whole number"}


def _policy(network: str, values: Mapping[str, Any], bounds: Iterable[Rule], where: str) -> Policy:
    for rule in bounds:
        for value in _at(values, rule.key):
            _check(rule, value, network, where)
    try:
        return Policy(
            network,
            frozenset(Mode(code) for code in values.get("modes", ["by_hand"])),
            {Mode(mode): Consent(least) for mode, least in values["consent"].items()},
            **{name: values.get(name, 0) for name in _NUMBERS},
        )
    except ValueError as error:
        known = f"modes are {', '.join(Mode)}; consents are {', '.join(Consent)}"
        message = f"{where}: {error}; {known}."
        raise ConfigError(message) from error


def _at(values: Mapping[str, Any], key: str) -> Iterator[str | int]:
    """Give every value at a dotted key, each item of a list."""
    found: Any = values
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, list):
        yield from found
    elif found is not None:
        yield found


def _check(rule: Rule, value: str | int, network: str, where: str) -> None:
    wrong = (
        (rule.only is not None and value not in rule.only)
        or (rule.most is not None and isinstance(value, int) and value > rule.most)
        or (rule.least is not None and isinstance(value, int) and value < rule.least)
    )
    if wrong:
        message = f"{where}: {rule.key} = {value} is not allowed on {network}: {rule.says} ({rule.source})"
        raise ConfigError(message)
