"""Joining: one row, one link, two recorded consents, each account once."""

import pytest

from bot.model.journal import CLI, Actor
from bot.model.volunteer import VolunteerState
from bot.networks import every
from bot.roster import change, form
from bot.roster.join import AlreadyMemberError, Joined, join
from bot.sets import regions, sectors
from bot.storage import journal
from bot.storage.store import Store
from bot.trust.texts import CHARTER, VOLUNTEER_CONSENT
from tests.conftest import NOW


def apply(store: Store, handle: str = "samir", name: str = "Samir", actor: Actor | None = None) -> Joined:
    """Join through the form."""
    profile, errors = form.read(
        form.Application(name=name, handles={"x": handle}, charter=True, consent=True),
        networks=every(),
        sectors=sectors(),
        regions=regions(),
    )
    assert profile is not None, errors
    return store.run_write(
        join, profile, now=NOW, actor=actor or Actor("volunteer"), lang="fr", consent_act="join_form"
    )


def test_a_volunteer_is_active_at_once_and_the_token_opens_the_inbox(store: Store):
    """The token that comes out is the only key, and it is not what is stored."""
    joined = apply(store)
    assert joined.volunteer.state is VolunteerState.ACTIVE
    assert store.run_read(change.owner, joined.token).id == joined.volunteer.id
    with pytest.raises(Exception, match="leads nowhere"):
        store.run_read(change.owner, joined.token[:-1] + "!")


def test_an_account_is_on_the_roster_once(store: Store):
    """The second person with the same handle is told, whatever the case they write it in."""
    apply(store)
    with pytest.raises(AlreadyMemberError, match="already on the roster"):
        apply(store, handle="https://x.com/SAMIR", name="Somebody else")


def test_both_consents_name_the_version_and_hash_of_the_text_shown(store: Store):
    """The charter and the consent are recorded with the words of their language, and the act."""
    joined = apply(store)
    kept = store.run_read(journal.consents, f"volunteer:{joined.volunteer.id}")
    assert [(c["purpose"], c["text_hash"], c["lang"], c["act"]) for c in kept] == [
        ("charter", CHARTER.digest("fr"), "fr", "join_form"),
        ("roster", VOLUNTEER_CONSENT.digest("fr"), "fr", "join_form"),
    ]


@pytest.mark.parametrize("actor", [Actor("volunteer"), CLI])
def test_the_journal_knows_who_put_them_there_and_no_name(store: Store, actor: Actor):
    """The line carries ids and networks, never the person's words."""
    joined = apply(store, actor=actor)
    line = store.run_read(journal.read, action="volunteer.joined")[0]
    assert line.actor == (f"volunteer:{joined.volunteer.id}" if actor.kind == "volunteer" else "cli")
    assert line.details == {"networks": ["x"]}
