"""Boosting on the official PDS, beyond what every network must do (tests/contract)."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError

import pytest

from bot.model.calls import Scope
from bot.model.notice import PostRef
from bot.model.secret import Secret
from bot.networks.api.base import Lent
from bot.networks.atproto.records import POSTS, REPOSTS
from bot.networks.errors import AccessLostError, RateLimitedError, RefusedError, UnavailableError
from tests.fakes.proxy import Fault
from tests.fakes.wire import whole
from tests.networks.bluesky_lent import consented, intent, lend, play
from tests.pds import Pds

HOURS = timedelta(hours=3)


@pytest.fixture(scope="module")
def seeker(atnet: Pds):
    """Somebody whose posts are boosted."""
    return atnet.person("nadia")


@pytest.fixture(scope="module")
def samir(atnet: Pds):
    """A volunteer."""
    return atnet.person("samir")


@pytest.fixture(scope="module")
def lent(atnet: Pds, samir):
    """The volunteer's account, lent by OAuth."""
    return consented(atnet, samir)


def fresh_post(pds, person, lent):
    """Post, and find the post as the adapter names it."""
    post = pds.post(person)
    return play(pds, lambda a: a.api.locate(lent, post))


def reposts_of(pds, person, target):
    """The account's reposts of a post."""
    return [r for r in pds.records(person) if r["value"]["subject"]["uri"] == target.split()[0]]


def test_boost_is_one_repost_however_often_it_is_asked_for(pds, seeker, samir, lent):
    """The same intent again changes nothing: one record, dated at the intent, of the post's own version."""
    wish = intent(fresh_post(pds, seeker, lent))
    made = play(pds, lambda a: a.api.boost(lent, wish))
    again = play(pds, lambda a: a.api.boost(lent, wish))
    assert made.remote_id == again.remote_id
    assert (made.before, again.before) == (False, False)
    [record] = reposts_of(pds, samir, wish.target)
    assert record["uri"] == made.remote_id
    assert f"{record['value']['subject']['uri']} {record['value']['subject']['cid']}" == wish.target
    assert datetime.fromisoformat(record["value"]["createdAt"]) == wish.at


def test_boost_writes_nothing_new_even_past_its_own_look(pds, seeker, samir, lent):
    """`putRecord` with the same key and record is no second commit: the PDS itself makes a retry harmless."""
    wish = intent(fresh_post(pds, seeker, lent))
    made = play(pds, lambda a: a.api.boost(lent, wish))
    [record] = reposts_of(pds, samir, wish.target)
    body = {"repo": samir.did, "collection": REPOSTS, "rkey": made.remote_id.split("/")[-1]}
    answer = pds.call("com.atproto.repo.putRecord", body | {"record": record["value"]}, samir.session)
    assert "commit" not in answer


def test_a_repost_by_hand_counts(pds, seeker, samir, lent):
    """Who has reposted already is not asked to again: nothing is written, and the boost was there before."""
    wish = intent(fresh_post(pds, seeker, lent))
    uri, cid = wish.target.split()
    by_hand = pds.write(samir, REPOSTS, subject={"uri": uri, "cid": cid})
    pds.proxy.seen.clear()
    made = play(pds, lambda a: a.api.boost(lent, wish))
    assert (made.before, made.remote_id) == (True, by_hand["uri"])
    assert [asked.method for asked, _ in pds.proxy.seen] == ["GET"]


def test_undo_touches_reposts_of_the_account_only(pds, seeker, samir, lent):
    """Whatever id it is given: a post, another's repost and nonsense stand for what the intent wrote."""
    wish = intent(fresh_post(pds, seeker, lent))
    mine = pds.write(samir, POSTS, text="Bonjour")["uri"]
    others = pds.write(seeker, REPOSTS, subject=dict(zip(("uri", "cid"), wish.target.split(), strict=True)))[
        "uri"
    ]
    for odd in (mine, others, "1234"):
        play(pds, lambda a: a.api.boost(lent, wish))
        play(pds, lambda a, odd=odd: a.api.undo(lent, wish, odd))
        assert reposts_of(pds, samir, wish.target) == []
    assert mine in {one["uri"] for one in pds.records(samir, POSTS)}
    assert others in {one["uri"] for one in pds.records(seeker)}


def test_a_repost_by_hand_can_be_taken_back(pds, seeker, samir, lent):
    """What was there before has a key of its own; the id leads to it."""
    wish = intent(fresh_post(pds, seeker, lent))
    pds.write(samir, REPOSTS, subject=dict(zip(("uri", "cid"), wish.target.split(), strict=True)))
    made = play(pds, lambda a: a.api.boost(lent, wish))
    play(pds, lambda a: a.api.undo(lent, wish, made.remote_id))
    assert reposts_of(pds, samir, wish.target) == []


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.CUT, Fault.PAGE])
def test_a_look_around_that_breaks_writes_nothing(pds, seeker, samir, lent, fault):
    """When it is not known whether the volunteer has reposted by hand, the boost waits."""
    wish = intent(fresh_post(pds, seeker, lent))
    pds.proxy.meet(fault, lambda asked: "listRecords" in asked.path)
    with pytest.raises(UnavailableError):
        play(pds, lambda a: a.api.boost(lent, wish))
    assert reposts_of(pds, samir, wish.target) == []


def test_posts_are_found_by_handle_and_by_did(pds, seeker, lent):
    """Both lead to the same address, which holds the DID: handles change hands."""
    post = pds.post(seeker)
    by_did = replace(post, remote_id=post.remote_id.replace(seeker.handle, seeker.did))
    target = play(pds, lambda a: a.api.locate(lent, post))
    assert target == play(pds, lambda a: a.api.locate(lent, by_did))
    assert target.startswith(f"at://{seeker.did}/{POSTS}/")


@pytest.mark.parametrize("who", ["nobody.test", f"did:plc:{'a' * 24}"])
def test_a_post_of_nobody_is_refused(pds, lent, who):
    """An unknown handle, and a DID without a document."""
    post = PostRef("bluesky", "", f"at://{who}/{POSTS}/3l2s5xxv2ze2c", who)
    with pytest.raises(RefusedError):
        play(pds, lambda a: a.api.locate(lent, post))


def test_a_post_of_a_closed_account_is_gone(pds, lent):
    """Closed by its owner, for a while or for good: the post is not boosted."""
    away = pds.person("away")
    post = pds.post(away)
    target = play(pds, lambda a: a.api.locate(lent, post))
    pds.call("com.atproto.server.deactivateAccount", {}, away.session)
    assert play(pds, lambda a: a.api.look(lent, target)).digest is None


def test_the_pds_says_when_an_account_has_written_enough(pds, seeker):
    """Real headers: the hour's points end, exactly this account waits, until the reset that they name."""
    busy = pds.person("busy")
    lent = lend(pds, busy)
    wish = intent(fresh_post(pds, seeker, lent))
    first = play(pds, lambda a: a.api.boost(lent, wish)).learnt
    writes = [{"$type": "com.atproto.repo.applyWrites#create", "collection": REPOSTS, "value": {}}] * 200
    for _ in range(9):  # 600 points each, though nothing of it can be written
        with pytest.raises(HTTPError):
            pds.call(
                "com.atproto.repo.applyWrites",
                {"repo": busy.did, "writes": writes},
                busy.session,
                limited=True,
            )
    other = intent(fresh_post(pds, seeker, lent))
    with pytest.raises(RateLimitedError) as caught:
        play(pds, lambda a: a.api.boost(lent, other))
    now = datetime.now(UTC)
    assert caught.value.scope is Scope.ACCOUNT
    assert now + timedelta(minutes=50) < caught.value.until < now + timedelta(minutes=61)
    assert [(one.scope, now < one.until < now + timedelta(days=1)) for one in first] == [
        (Scope.INSTANCE, True)
    ]


def test_a_token_that_is_good_is_not_renewed(pds, lent):
    """No call is made for it."""
    assert play(pds, lambda a: a.api.renew(lent, datetime.now(UTC))) is None
    assert pds.proxy.seen == []


def test_a_token_is_renewed_before_its_end_and_the_old_pair_never_sent_again(pds, seeker):
    """Both kinds: the new pair boosts, and is renewed in its turn."""
    later = datetime.now(UTC) + HOURS
    for lending in (consented, lend):
        person = pds.person("samir")
        first = lending(pds, person)
        second = Lent(first.account, play(pds, lambda a, old=first: a.api.renew(old, later)))
        third = Lent(first.account, play(pds, lambda a, old=second: a.api.renew(old, later + HOURS)))
        assert len({one.token for one in (first, second, third)}) == 3
        wish = intent(fresh_post(pds, seeker, third))
        play(pds, lambda a, new=third, wish=wish: a.api.boost(new, wish))
        assert len(reposts_of(pds, person, wish.target)) == 1


def test_a_token_refused_before_its_time_is_renewed_at_the_next_try(pds, seeker, lent):
    """A clock that is wrong, or a session ended elsewhere: the refused token is not sent for ever."""
    person = pds.person("samir")
    mine = consented(pds, person)
    wish = intent(fresh_post(pds, seeker, mine))
    pds.proxy.meet(Fault.INSTEAD, answer=whole(b'{"error":"InvalidToken"}', 401))

    async def act(adapters):
        with pytest.raises(AccessLostError):
            await adapters.api.boost(mine, wish)
        fresh = await adapters.api.renew(mine, datetime.now(UTC))
        return await adapters.api.boost(Lent(mine.account, fresh), wish)

    assert not play(pds, act).before


def test_an_ended_grant_is_said_to_be_lost(pds, seeker):
    """Taken back at the network: the volunteer must connect anew."""
    person = pds.person("samir")
    mine = consented(pds, person)
    wish = intent(fresh_post(pds, seeker, mine))
    play(pds, lambda a: a.connect.revoke(mine.token))
    with pytest.raises(AccessLostError):
        play(pds, lambda a: a.api.boost(mine, wish))
    with pytest.raises(AccessLostError):
        play(pds, lambda a: a.api.renew(mine, datetime.now(UTC) + HOURS))


def test_an_account_that_moved_to_another_server_is_lost(pds, lent):
    """A refresh token is sent to nobody but who gave it."""
    other = json.loads(lent.token.reveal()) | {"issuer": "https://elsewhere.example"}
    moved = Lent(lent.account, Secret(json.dumps(other)))
    with pytest.raises(AccessLostError):
        play(pds, lambda a: a.api.renew(moved, datetime.now(UTC) + HOURS))
    assert "/oauth/token" not in {asked.path for asked, _ in pds.proxy.seen}


def test_a_closed_account_is_lost(pds, seeker):
    """Deactivated by its owner: not a word about the volunteer, but why."""
    person = pds.person("samir")
    mine = lend(pds, person)
    wish = intent(fresh_post(pds, seeker, mine))
    pds.call("com.atproto.server.deactivateAccount", {}, person.session)
    with pytest.raises(AccessLostError) as caught:
        play(pds, lambda a: a.api.boost(mine, wish))
    assert person.handle not in caught.value.why
