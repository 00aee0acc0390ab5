"""By what two notices may turn out to be one person's: keyed hashes with their kinds, computed here only."""

import re

from bot.intake.form import Draft
from bot.model.found import FoundPost
from bot.model.notice import Notice, PostRef
from bot.storage import Session, cases, seekers
from bot.storage.seekers import KEPT
from bot.trust.links import Keyring

WRITTEN = frozenset({"email", "post", "author"})
"""Kinds of what somebody wrote about a notice: it proves nothing, and goes when it is replaced."""
SEEN = "seen"
"""Kind of the lasting name of an author whom a watcher saw; nothing that is typed becomes one."""
_SAME_POST = {
    "mastodon": re.compile(r"(https://[^/]+/)(?:@[^/]+|ap/users/[0-9]+/statuses)/([0-9]+)"),
    "bluesky": re.compile(r"at://[^/]+/(.+)"),  # by handle or by DID
}
"""What the ways of writing one post have in common."""


def of_draft(draft: Draft, keys: Keyring) -> dict[str, str]:
    """Give what tells who sends a form."""
    known = of_email(draft.email, keys)
    if draft.post:
        known |= _of_post(draft.post, keys) | _of_author(draft.post.network, draft.post.author, keys)
    return known


def of_email(email: str | None, keys: Keyring) -> dict[str, str]:
    """Give the key of an address; those that reach one mailbox have the same."""
    return {keys.digest("email", _mailbox(email)): "email"} if email else {}


def of_found(found: FoundPost, keys: Keyring) -> dict[str, str]:
    """Give what tells whose a post is that a watcher saw, its author as `SEEN`."""
    network, author = found.post.network, found.author
    known = _of_post(found.post, keys)
    for name in {author.handle, found.post.author} - {""}:
        known |= _of_author(network, name, keys)
    return dict.fromkeys(known, KEPT) | of_seen(found, keys)


def of_seen(found: FoundPost, keys: Keyring) -> dict[str, str]:
    """Give the key of the author whom a watcher saw; none when the network did not tell."""
    lasting = found.author.id
    # A handle may be all digits too, and is somebody else's then.
    name = f"#{lasting}" if lasting.isdecimal() else lasting
    return dict.fromkeys(_of_author(found.post.network, name, keys), SEEN)


def anew(session: Session, notice: Notice, draft: Draft, keys: Keyring) -> None:
    """Remember what tells whose a changed notice is; what it went round with stays, the rest goes.

    So a notice gathers no names by being changed often.
    """
    unread = cases.CHANGED in cases.since_accepted(session, [notice.id], [cases.CHANGED])[notice.id]
    settle = seekers.drop_keys if notice.first_opened_at is None or unread else seekers.keep_keys
    settle(session, notice.seeker_id, WRITTEN)
    stored = of_email(seekers.email_of(session, notice.seeker_id), keys)
    seekers.add_keys(session, notice.seeker_id, stored | of_draft(draft, keys))


def _of_post(post: PostRef, keys: Keyring) -> dict[str, str]:
    pattern = _SAME_POST.get(post.network)
    same = pattern.fullmatch(post.remote_id) if pattern else None
    number = "".join(same.groups()) if same else post.remote_id
    return {keys.digest("post", f"{post.network}:{number}"): "post"}


def _of_author(network: str, name: str, keys: Keyring) -> dict[str, str]:
    return {keys.digest("author", f"{network}:{name}"): "author"} if name else {}


def _mailbox(email: str) -> str:
    user, _, host = email.lower().rpartition("@")
    user = user.partition("+")[0] or user
    if host in {"gmail.com", "googlemail.com"}:
        user, host = user.replace(".", ""), "gmail.com"
    return f"{user}@{host}"
