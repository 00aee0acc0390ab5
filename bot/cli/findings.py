"""What the doctor finds, and its look at what lending accounts needs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import LanguetteError

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.storage.store import Store


KEY_LASTS = timedelta(days=365)
"""After which the key of tokens is to be rotated: docs/security.md."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `advice` says what to do; empty when all is well."""

    name: str
    found: str
    advice: str = ""
    wrong: bool = False


def rights(settings: "Settings") -> Finding:
    """Look at who else on this machine may read secrets in settings, or change the vault's key."""
    dotenv = Path(".env")
    if dotenv.is_file() and dotenv.stat().st_mode & 0o077:
        return Finding("rights", f"others may read {dotenv}, where secrets stand", f"chmod 600 {dotenv}")
    file = Path(settings.vault_key)
    folders = (file.parent, file.resolve().parent) if settings.vault_key else ()  # of a link, of the file
    for folder in folders:
        if folder.is_dir() and folder.stat().st_mode & 0o022:
            advice = f"chmod go-w {folder}"
            return Finding(
                "rights", f"others may change files in {folder}, where the vault's key is", advice, wrong=True
            )
    return Finding("rights", "nobody else may read secrets or change the vault's key")


def lending(store: "Store", settings: "Settings") -> Finding:
    """Look at what lending accounts needs: the vault's key where a policy allows it, networks that answer."""
    from bot.delivery import lost_key, tokens
    from bot.model.lending import LENT_MODES
    from bot.networks import enabled, policy
    from bot.storage import revocations
    from bot.trust import keyfile

    try:
        vault = tokens.open_vault(store, settings.vault_key, settings.data_dir)
        seal = keyfile.read_public(settings.data_dir)
    except LanguetteError as error:
        return Finding("lending", "the vault's key cannot be used", str(error), wrong=True)
    policies = policy.load(enabled(settings.networks)).values()
    allowed = [one.network for one in policies if one.modes & set(LENT_MODES)]
    if (vault is None) != (seal is None) or (vault and seal and seal.key not in vault.keys):
        advice = (
            "Name the key's file in vault_key, then start the daemon: it publishes that key's public half."
        )
        return Finding("lending", "vault.pub and the setting vault_key do not fit", advice, wrong=True)
    if vault is None:
        advice = "`bot keys new FILE`, then the setting vault_key." if allowed else ""
        return Finding(
            "lending", f"no key; policy allows it on: {', '.join(allowed) or 'no network'}", advice
        )
    if shut := store.run_read(lost_key.unopened, vault):
        whose = ", ".join(str(number) for number in sorted({one.account_id for one in shut}))
        advice = "`bot keys lost` gives them up and asks their volunteers to connect again."
        return Finding("lending", f"damaged, no key opens them: tokens of {whose}", advice, wrong=True)
    if late := store.run_read(revocations.waiting):
        found = ", ".join(f"{count} on {name} ({why})" for name, (count, why) in late.items())
        return Finding(
            "lending", f"tokens not given back yet: {found}", "The daemon goes on trying for 30 days."
        )
    found = f"key {vault.seal.key}; policy allows it on: {', '.join(allowed) or 'no network'}"
    advice = ""
    if datetime.now(UTC) - keyfile.made_at(settings.data_dir) > KEY_LASTS:
        advice = "That key is more than a year old: `bot keys rotate`."
    elif old := _overdue(store, settings):
        advice = f"No backup needs the retired keys {', '.join(old)} any more: `bot keys prune`."
    return Finding("lending", found, advice)


def _overdue(store: "Store", settings: "Settings") -> list[str]:
    """Give the retired keys that the daemon could not remove: it tries once a day."""
    from bot.backup import shelf
    from bot.delivery import rotation

    keep, day = timedelta(days=settings.backup_days), timedelta(days=1)
    before = shelf.since(settings.data_dir, datetime.now(UTC), keep) - 2 * day
    return rotation.overdue(store, Path(settings.vault_key), before=before)
