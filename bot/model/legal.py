"""What the notices of a site in France must say, by the setting that says it (LCEN; GDPR, art. 13). Pure."""

from bot.model.text import N_

LEGAL: dict[str, str] = {
    "publisher_name": N_("Published by"),
    "publisher_seat": N_("Seat"),
    "publisher_phone": N_("Phone"),
    "publisher_mail": N_("Email"),
    "publisher_director": N_("Director of the publication"),
    "publisher_number": N_("RNA or SIRET number"),
    "host_name": N_("Hosted by"),
    "host_address": N_("Address of the host"),
    "host_phone": N_("Phone of the host"),
    "privacy_contact": N_("For your data, write to"),
    "source_url": N_("Source code"),
}
OPTIONAL = frozenset({"publisher_number"})
"""Not every association has one."""


def missing(settings: object) -> list[str]:
    """Give the settings that the notices need and that are empty."""
    return [name for name in LEGAL if name not in OPTIONAL and not getattr(settings, name)]
