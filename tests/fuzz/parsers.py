"""Every place where foreign bytes are read, as a function of bytes: it says what may be refused, and how."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyrage
from starlette.datastructures import Headers

from bot.backup import seal, shelf
from bot.errors import ConfigError, DataError, LanguetteError
from bot.intake import form, judge
from bot.intake.answers import read_answer_to
from bot.model.found import FoundAuthor, FoundPost
from bot.model.notice import Contract, NoticeText, PostRef
from bot.model.personal import find_personal
from bot.model.secret import Secret
from bot.moderation import likeness, marks, rules
from bot.networks import enabled
from bot.networks.base import HandleRefusedError, LinkRefusedError
from bot.networks.links import read_link
from bot.networks.watch import frames, statuses, x
from bot.networks.watch.base import Wanted, wanted
from bot.planning import document
from bot.planning.fields import DocumentError
from bot.sets.guess import guess_region, guess_sector
from bot.settings import Settings
from bot.trust import keyfile
from bot.trust.links import Keyring
from bot.trust.vault import Key, Vault
from bot.web import stamp
from bot.web.pages import preferred_language
from bot.web.session import safe_next
from tests.fakes.jetstream import DID, mention_facet, record, tag_facet
from tests.fakes.mastodon import ACCOUNT, STATUS
from tests.planning.test_round_document import GOOD as ROUND

NETWORKS = enabled(("x", "mastodon", "bluesky", "linkedin"))
WANTED: Wanted = wanted(["i4emploi", "CherchéEmploi"], DID)
KEYS = Keyring(b"the tests' own secret, 32 bytes!")
VAULT = Vault([Key(b"k" * 32)])
AT = datetime(2026, 11, 17, 9, tzinfo=UTC)
_HOME = TemporaryDirectory(prefix="fuzz-")
HOME = Path(_HOME.name)


@dataclass(frozen=True)
class Parser:
    """What reads, what it may raise, and bytes that it takes."""

    name: str
    read: Callable[[bytes], object]
    refuses: tuple[type[Exception], ...]
    seeds: tuple[bytes, ...]


def text(data: bytes) -> str:
    """Read bytes as a browser's text: any code point but lone surrogates."""
    return data.decode("utf-8", "replace")


def thing(data: bytes) -> dict[str, Any]:
    """Read JSON as the HTTP client does; anything but an object is none."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def placed(name: str, data: bytes) -> Path:
    """Put the bytes into a file that only its owner may read."""
    path = HOME / name
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def dumped(*values: object) -> tuple[bytes, ...]:
    """Write values as JSON."""
    return tuple(json.dumps(value).encode() for value in values)


# ---------- links and handles ----------


def a_handle(data: bytes) -> None:
    """Read a handle on every network; each may refuse it."""
    for network in NETWORKS.values():
        try:
            handle = network.read_handle(text(data))
        except HandleRefusedError:
            continue
        assert network.read_handle(handle) == handle, "a normal handle stays as it is"


def a_link(data: bytes) -> None:
    """Read the link of a post; what is made of it is read again as the same post."""
    post = read_link(text(data), NETWORKS)
    assert post.url.startswith("https://")
    again = NETWORKS[post.network].read_post(post.url)
    assert again is not None
    assert again.remote_id == post.remote_id


LINKS = (
    b"https://x.com/moussa/status/1234567890123456789",
    b"https://mastodon.social/@nadia@piaille.fr/112345678901234567",
    b"https://gts.example.fr/@nadia/statuses/01HXYZ0123456789ABCDEFGHJK",
    b"https://bsky.app/profile/samir.bsky.social/post/3kabcdefghij2",
    b"at://did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/3kabcdefghij2",
    b"https://www.linkedin.com/posts/samir-durand_emploi-activity-7130000000000000000-abcd",
    b"https://www.linkedin.com/feed/update/urn:li:activity:7130000000000000000/",
)
HANDLES = (b"@Sam", b"samir@piaille.fr", b"samir.bsky.social", b"https://www.linkedin.com/in/samir-durand/")

# ---------- what the networks send ----------


def a_frame(data: bytes) -> None:
    """Read a frame of Jetstream of either version, and the post in it."""
    if frames.Sieve(WANTED.tags)(data):
        event = frames.read_frame(data)
        found = frames.found_in(event, WANTED)
        if found is not None:
            judged(found)


def a_status(data: bytes) -> None:
    """Read a status of Mastodon, HTML and all."""
    found = statuses.found_in(thing(data), WANTED, "piaille.fr")
    if found is not None:
        judged(found)


def judged(found: FoundPost) -> None:
    """Do with a post what intake does, short of storing it."""
    judge.judge(found)
    words = judge.words_of(found, judge.language_of(found, "fr"))
    looked_at(words)


def some_rows(data: bytes) -> None:
    """Read a row of X's search."""
    row = thing(data)
    if str(row.get("id", "")).isdecimal():
        found = x.found_in(row, WANTED)
        if found is not None:
            judged(found)


FRAME = {"kind": "commit", "did": DID, "time_us": 1_763_370_000_000_000}
COMMIT = {"operation": "create", "collection": frames.POSTS, "rkey": "3kabcdefghij2"}
RECORD = record("Je cherche #i4emploi", facets=[tag_facet("i4emploi"), mention_facet(DID)])
V2 = {"$type": f"{frames._V2}#commit", "seq": 7, "did": DID, "time": "2026-11-25T08:00:00Z", **COMMIT}
FRAMES = dumped(
    FRAME | {"commit": COMMIT | {"record": RECORD}},
    {"payload": V2 | {"record": RECORD | {"labels": {"values": [{"val": "bot"}]}}}},
    {"$type": "error", "error": "ConsumerTooSlow", "message": "#i4emploi"},
    {"payload": {"$type": "#info", "name": "i4emploi"}},
)
STATUSES = dumped(
    STATUS
    | {"id": "1", "url": "https://piaille.fr/@nadia/112345678901234567", "account": ACCOUNT}
    | {"content": "<p>Je <b>cherche</b><br>un poste &amp; <a href='#'>#i4emploi</a></p><script>x</script>"}
    | {"mentions": [{"acct": "nadia"}], "tags": [{"name": "i4emploi"}]},
)
ROWS = dumped(
    {"id": "1790000000000000000", "text": "#i4emploi", "author_id": "9", "created_at": "2026-11-25T08:00:00Z"}
    | {"entities": {"hashtags": [{"tag": "i4emploi"}], "mentions": [{"id": "1"}]}, "lang": "fr"}
    | {"referenced_tweets": [{"type": "quoted"}], "edit_history_tweet_ids": ["1790000000000000000"]}
)

# ---------- what people type ----------


def looked_at(words: NoticeText) -> None:
    """Do with words what the moderators' page does."""
    for flag in rules.flags(words, lang="fr", similar=[(1, words, False)]):
        assert str(flag.kind)
    rules.fixed(words)
    likeness.likeness(words.text, words.title)
    marks.pieces(words.text)
    guess_sector(words.title, words.text)
    guess_region(words.place)


def some_words(data: bytes) -> None:
    """Read a form of one long field after another."""
    said = text(data)
    find_personal(said)
    looked_at(
        NoticeText(said[:140], said[:60], remote=False, contract=Contract.ANY, text=said, name=said[:40])
    )
    typed = form.Submission(
        title=said, place=said, text=said, name=said, email=said, link=said, has_post="yes"
    )
    form.read(typed, NETWORKS)
    read_answer_to(said)


def a_visit(data: bytes) -> None:
    """Read what comes with a request."""
    said = text(data)
    preferred_language(Headers(raw=[(b"accept-language", data), (b"cookie", data)]), "fr")
    stamp.read(KEYS, said, 1_763_370_000.0)
    assert safe_next("fr", said).startswith("/")
    assert not safe_next("fr", said).startswith("//")


WORDS = (
    "Soudeur TIG à Saint-Nazaire, dix ans d’atelier. Écrire à moussa@example.org ou 06 12 34 56 78".encode(),
    "Gagnez 500 € par jour sur WhatsApp +33612345678, RIB FR76 3000 6000 0112 3456 7890 189".encode(),
    b"1 85 05 78 006 084 36, 12 rue des Lilas 44600",
)
VISITS = (
    b"fr-CH, fr;q=0.9, en;q=0.8",
    b"lang=en; admin=x",
    b"/fr/admin/queue?state=active",
    b"1763370000.0.ab.cd",
)

# ---------- files ----------


def a_backup(data: bytes) -> None:
    """Open a sealed backup with our identity."""
    seal.unseal(placed("sealed.age", data), HOME / "open", placed("identity", IDENTITY.encode()))


def a_note(data: bytes) -> None:
    """Read the note of a backup."""
    placed_in = shelf.folder(HOME)
    (placed_in / "one.json").write_bytes(data)
    shelf.read(HOME, "one", KEYS)


def a_key(data: bytes) -> None:
    """Read a file of keys: the vault's, then the backups'."""
    path = placed("keys", data)
    try:
        keyfile.read_private(path)
    except ConfigError:
        seal.read_identity(path)


def a_token(data: bytes) -> None:
    """Open a sealed token."""
    VAULT.open("access:1:token:x", text(data))


def the_settings(data: bytes) -> None:
    """Read a `.env`, as `load` does."""
    Settings(_env_file=placed(".env", data))  # type: ignore[call-arg]


def a_round(data: bytes) -> None:
    """Read a round's document, and an earlier answer."""
    document.read(data)


IDENTITY = str(pyrage.x25519.Identity.generate())
BACKUP = pyrage.encrypt(b"a database", [pyrage.x25519.Identity.from_str(IDENTITY).to_public()])
ENV = b'BOT_PORT=8000\nBOT_NETWORKS=\'["x", "mastodon"]\'\nBOT_SITE_URL=https://example.org\n'
NOTE = {
    "name": "one",
    "made_at": "2026-11-17T09:00:00+00:00",
    "why": "nightly",
    "level": "0001",
    "rows": {"boost": 1},
}
NOTE |= {"head": [1, "ab"], "recipient": "age1", "size": 1, "sha256": "ab", "seal": "cd"}
SEALED = VAULT.seal.close("access:1:token:x", Secret("t0k3n")).encode()

PARSERS = (
    Parser("links", a_link, (LinkRefusedError,), LINKS),
    Parser("handles", a_handle, (), HANDLES),
    Parser("frames", a_frame, (ValueError,), FRAMES),
    Parser("statuses", a_status, (), STATUSES),
    Parser("rows", some_rows, (), ROWS),
    Parser("words", some_words, (), WORDS),
    Parser("visits", a_visit, (), VISITS),
    Parser("backups", a_backup, (DataError,), (BACKUP,)),
    Parser("notes", a_note, (LanguetteError,), dumped(NOTE)),
    Parser("keys", a_key, (ConfigError,), (f"{keyfile._LINE} {'a' * 43}=".encode(), IDENTITY.encode())),
    Parser("tokens", a_token, (LanguetteError,), (SEALED,)),
    Parser("settings", the_settings, (ValueError,), (ENV,)),
    Parser("rounds", a_round, (DocumentError,), dumped(ROUND)),
)
POST = FoundPost(post=PostRef("x", "https://x.com/i/status/1", "1"), author=FoundAuthor("9"), text="", at=AT)


def one(parser: Parser, data: bytes) -> bool:
    """Read one input; say whether it was taken. Anything but a refusal that is announced comes through."""
    try:
        parser.read(data)
    except parser.refuses:
        return False
    return True
