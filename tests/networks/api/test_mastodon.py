"""Boosting on Mastodon and its kin beyond the contract: across instances, odd answers, doubles, clocks."""

import json
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.model.calls import Action, Scope
from bot.model.notice import PostRef
from bot.model.secret import Secret
from bot.networks.api.base import Lent
from bot.networks.api.mastodon import LIMITS, REQUESTS, digest_of
from bot.networks.api.mastodon_client import TRIES_S
from bot.networks.connect.mastodon_key import read_key
from bot.networks.errors import AccessLostError, RateLimitedError, RefusedError, UnavailableError
from bot.networks.http import NoAnswerError
from tests.contract.mastodon import HERE, THERE, WHO, play
from tests.contract.stage import intent_of
from tests.fakes.proxy import Fault, changes, reads
from tests.fakes.wire import whole


@asynccontextmanager
async def boosted(made, words="Je cherche"):
    """A post that is boosted: the post and the intent."""
    post = await made.post(words)
    intent = intent_of(await made.api.locate(made.lent, post))
    await made.api.boost(made.lent, intent)
    yield post, intent


def instead(body, status=200, *headers):
    """An answer in the place of the server's."""
    return {"answer": whole(json.dumps(body).encode(), status, *headers)}


def test_ids_are_those_of_the_volunteer_s_instance():
    """The same post has another id on each instance; the place says whose it is."""

    async def scene(made):
        post = await made.post("Je cherche")
        target = await made.api.locate(made.lent, post)
        return target, made.there.statuses[0], made.api.place(made.lent.account)

    target, there, place = play(scene, ulids=True)
    local, uri = target.split(" ")
    assert local != there["id"]
    assert uri == there["uri"]
    assert place == HERE


def test_a_post_seen_through_another_instance_is_known_by_its_author():
    """A link that was copied from a third instance finds the post that its author wrote."""

    async def scene(made):
        await made.post("Je cherche")
        status = made.there.statuses[0]
        url = f"https://c.example/@nadia@{THERE}/99"
        made.there.statuses[0] = status | {"url": url}  # what resolving the third one's page comes to
        found = await made.api.locate(made.lent, PostRef("mastodon", url, url, f"nadia@{THERE}"))
        return found, made.here.statuses[0]["id"]

    found, there = play(scene)
    assert found.split(" ")[0] == there


@pytest.mark.parametrize("times", [1, 2])
def test_what_is_not_found_is_looked_for_once_more(times):
    """A post that is just coming in by itself is found at the second try; one that is not is refused."""

    async def scene(made):
        post = await made.post("Je cherche")
        made.proxy.meet(Fault.INSTEAD, reads, times=times, **instead({"statuses": []}))
        return await made.api.locate(made.lent, post)

    if times == 1:
        assert play(scene)
    else:
        with pytest.raises(RefusedError):
            play(scene)


@pytest.mark.parametrize(
    "wrong",
    [
        {"statuses": "x"},
        {"statuses": [3]},
        {},
        [],
        {"url": "https://a.example/@nadia/2", "uri": "https://a.example/users/nadia/statuses/2"},
        {"url": "https://a.example/@lea/501", "uri": None},
        {"visibility": "private"},
        {"visibility": "direct"},
        {"id": "../../oauth/revoke"},
        {"id": "1?x=1"},
        {"id": 7},
        {"account": None},
    ],
)
def test_another_post_than_the_one_looked_for_is_refused(wrong):
    """An answer without posts, with another, a private one or an id that is a path leads nowhere."""

    async def scene(made):
        post = await made.post("Je cherche")
        body = wrong
        if isinstance(wrong, dict) and wrong and "statuses" not in wrong:
            body = {"statuses": [made.there.statuses[0] | wrong]}
        made.proxy.meet(Fault.INSTEAD, reads, **instead(body))
        await made.api.locate(made.lent, post)

    with pytest.raises(RefusedError):
        play(scene)


def test_the_boost_of_a_post_leads_to_the_post():
    """An instance that finds a boost of the post gives the post's own id."""

    async def scene(made):
        post = await made.post("Je cherche")
        status = made.there.statuses[0]
        body = {"statuses": [{"id": "99", "visibility": "public", "account": {}, "reblog": status}]}
        made.proxy.meet(Fault.INSTEAD, reads, **instead(body))
        return await made.api.locate(made.lent, post), status["id"]

    found, there = play(scene)
    assert found.split(" ")[0] == there


def test_what_one_instance_does_not_show_is_not_gone():
    """A post that its own instance still has is refused to one account; only when both say so it is gone."""

    async def scene(made):
        post = await made.post("Je cherche")
        target = await made.api.locate(made.lent, post)
        made.here.statuses.clear()  # its author blocks the volunteer, or the copy was thrown away
        with pytest.raises(RefusedError):
            await made.api.look(made.lent, target)
        made.there.closed = 401
        with pytest.raises(RefusedError):
            await made.api.look(made.lent, target)
        made.there.closed = 0
        await made.delete(post)
        return await made.api.look(made.lent, target)

    assert play(scene).digest is None


def test_a_copy_is_not_believed_when_its_origin_says_gone():
    """The volunteer's instance still has the post; its own instance does not: it is gone."""

    async def scene(made):
        post = await made.post("Je cherche")
        target = await made.api.locate(made.lent, post)
        await made.delete(post)
        copies = len(made.here.statuses)
        return copies, await made.api.look(made.lent, target)

    copies, look = play(scene)
    assert copies == 1
    assert look.digest is None


@pytest.mark.parametrize(
    "uri",
    [
        "https://c.example/users/nadia/statuses/1",
        "http://127.0.0.1:1/admin?x=1",
        "https://a.example@127.0.0.1/",
        f"https://{THERE}:8443/x",
        f"https://{HERE}/users/nadia/statuses/1",
        "https://",
        "x",
    ],
)
def test_only_the_post_s_own_instance_is_asked_whether_it_is_gone(uri):
    """An address of another machine in an instance's answer is not kept, so never called."""

    async def scene(made):
        post = await made.post("Je cherche")
        body = {"statuses": [made.there.statuses[0] | {"uri": uri}]}
        made.proxy.meet(Fault.INSTEAD, reads, **instead(body))
        target = await made.api.locate(made.lent, post)
        return target, made.there.statuses[0]["id"]

    target, local = play(scene)
    assert target == local


@pytest.mark.parametrize("status", [401, 403, 500, 200])
def test_a_closed_door_at_the_origin_says_nothing(status):
    """An origin that answers members only, or not at all, leaves the copy to speak."""

    async def scene(made):
        target = await made.api.locate(made.lent, await made.post("Je cherche"))
        made.there.statuses.clear()
        made.there.closed = status
        return await made.api.look(made.lent, target)

    assert play(scene).digest


def test_a_post_made_private_is_gone():
    """What may not be boosted any more has no words for us."""

    async def scene(made):
        target = await made.api.locate(made.lent, await made.post("Je cherche"))
        made.here.statuses[0]["visibility"] = "private"
        made.here.statuses[0]["account"] = made.here.person(WHO)
        return await made.api.look(made.lent, target)

    assert play(scene).digest is None


def test_a_look_tells_when_the_post_was_edited():
    """The instance's own date of the last edit; none for a post as it was written."""

    async def scene(made):
        target = await made.api.locate(made.lent, await made.post("Je cherche"))
        before = await made.api.look(made.lent, target)
        made.here.statuses[0]["edited_at"] = "2026-11-17T09:00:00.000Z"
        return before, await made.api.look(made.lent, target)

    before, after = play(scene)
    assert (before.edited_at, after.edited_at) == (None, datetime(2026, 11, 17, 9, 0, tzinfo=UTC))


def test_digest_is_of_words_alone():
    """HTML, spaces, counters, pictures and ways to write an accent change nothing; words and warnings do."""
    one = {"content": "<p>Été à <a href='x'>Lille</a></p><p>Merci</p>", "spoiler_text": ""}
    same = {
        "content": "<p>E\u0301te\u0301 a\u0300  Lille<br />Merci</p>",
        "spoiler_text": "",
        "reblogs_count": 9,
    }
    quoting = '<p class="quote-inline">RE: <a href="https://two.example/@a/1">two.example/@a/1</a></p>'
    assert digest_of(one) == digest_of(one | {"content": quoting + str(one["content"])})
    assert digest_of(one) == digest_of(same | {"media_attachments": [1]})
    assert digest_of(one) != digest_of(one | {"content": "<p>Été à Lyon</p><p>Merci</p>"})
    assert digest_of(one) != digest_of(one | {"spoiler_text": "Été"})
    assert digest_of({"content": "a", "spoiler_text": "b"}) != digest_of(
        {"content": "b", "spoiler_text": "a"}
    )


def test_what_the_volunteer_boosted_before_us_is_told():
    """A boost older than the intent was there before, on every kind of server, and is not doubled."""

    async def scene(made):
        async with boosted(made) as (post, intent):
            made.here.boosts[0]["created_at"] = "2026-01-01T00:00:00.000Z"
            made_again = await made.api.boost(made.lent, intent)
            return made_again.before, await made.api.read_back(made.lent, intent), await made.boosts(post)

    for switches in ({}, {"duplicating": True}):
        before, found, count = play(scene, **switches)
        assert before
        assert found is not None
        assert found.before
        assert count == 1


def test_a_boost_is_found_below_many_others():
    """Reading back walks through the account's own posts to the moment of the intent."""

    async def scene(made):
        async with boosted(made) as (_, intent):
            first = made.here.boosts[0]["id"]
            made.here.statuses += [made.here.written(WHO, content=f"<p>{n}</p>") for n in range(95)]
            return first, await made.api.read_back(made.lent, intent)

    first, found = play(scene)
    assert (found.remote_id, found.before) == (first, False)


def test_looking_before_a_boost_is_two_requests():
    """As many as a boost counts for, however much the account has posted since."""

    async def scene(made):
        async with boosted(made) as (_, intent):
            made.here.statuses += [made.here.written(WHO, content=f"<p>{n}</p>") for n in range(95)]
            before = len(made.proxy.seen)
            await made.api.boost(made.lent, intent)
            return len(made.proxy.seen) - before

    assert play(scene, duplicating=True) == REQUESTS[Action.BOOST]
    assert all(10 * max(limit.weights.values(), default=0) <= limit.most for limit in LIMITS)


def test_doubles_are_taken_back_together():
    """Where each boost counts alone, undoing leaves none."""

    async def scene(made):
        async with boosted(made) as (post, intent):
            made.here.boosts.append(made.here.written(WHO, content="", reblog=made.here.boosts[0]["reblog"]))
            assert await made.boosts(post) == 2
            await made.api.undo(made.lent, intent, "1")
            return await made.boosts(post)

    assert play(scene, duplicating=True) == 0


def test_a_server_that_never_takes_it_back_is_asked_a_bounded_number_of_times():
    """An instance that goes on saying "boosted" is unavailable, not asked for ever."""

    async def scene(made):
        async with boosted(made) as (_, intent):
            body = {"id": intent.target.split(" ")[0], "reblogged": True}
            made.proxy.meet(Fault.INSTEAD, changes, times=99, **instead(body))
            with pytest.raises(UnavailableError):
                await made.api.undo(made.lent, intent, "1")
            return sum("unreblog" in request.path for request, _ in made.proxy.seen)

    assert play(scene) == len(TRIES_S) == REQUESTS[Action.UNDO]


@pytest.mark.parametrize(
    "body", [{"id": "9", "reblog": {"id": "other"}}, {"id": "9"}, {"id": 9}, {"reblog": None}, [], "x", None]
)
def test_an_echo_of_another_post_is_no_answer(body):
    """200 with another post, or with none, leaves open what was done."""

    async def scene(made):
        intent = intent_of(await made.api.locate(made.lent, await made.post("Je cherche")))
        made.proxy.meet(Fault.INSTEAD, **instead(body))
        await made.api.boost(made.lent, intent)

    with pytest.raises(NoAnswerError):
        play(scene)


@pytest.mark.parametrize("body", [{"id": "other", "reblogged": False}, {"reblogged": False}, [], None])
def test_a_read_of_another_post_decides_nothing(body):
    """Neither "gone" nor "not boosted" follows from an answer about something else."""

    async def scene(made):
        async with boosted(made) as (_, intent):
            for read in (
                lambda: made.api.look(made.lent, intent.target),
                lambda: made.api.read_back(made.lent, intent),
            ):
                made.proxy.meet(Fault.INSTEAD, reads, **instead(body))
                with pytest.raises(UnavailableError):
                    await read()

    play(scene)


def test_silence_about_boosting_is_not_a_no():
    """A server that leaves `reblogged` out does not make us boost again."""

    async def scene(made):
        async with boosted(made) as (_, intent):
            made.proxy.meet(Fault.INSTEAD, reads, **instead({"id": intent.target.split(" ")[0]}))
            await made.api.read_back(made.lent, intent)

    with pytest.raises(UnavailableError):
        play(scene)


def test_a_blocked_author_is_a_refusal():
    """A volunteer who blocks the author boosts nothing, and keeps the access."""

    async def scene(made):
        intent = intent_of(await made.api.locate(made.lent, await made.post("Je cherche")))
        made.here.blocked.add(f"nadia@{THERE}")
        await made.api.boost(made.lent, intent)

    with pytest.raises(RefusedError):
        play(scene)


@pytest.mark.parametrize(("per_ip", "scope"), [(False, Scope.ACCOUNT), (True, Scope.INSTANCE)])
def test_a_real_window_is_learnt_before_it_is_full(per_ip, scope):
    """What is left is told with each boost; past it, exactly the account or the instance waits."""

    async def scene(made):
        made.here.window, made.here.per_ip = 12, per_ip
        left = []
        while True:
            post = await made.post("Je cherche")
            try:
                made_one = await made.api.boost(made.lent, intent_of(await made.api.locate(made.lent, post)))
            except RateLimitedError as error:
                return left, error, made.here.window_ends
            left += made_one.learnt

    left, error, ends = play(scene, duplicating=per_ip)
    assert [one.left for one in left] == sorted((one.left for one in left), reverse=True)
    assert {(one.scope, one.action) for one in left} == {(scope, Action.BOOST)}
    assert error.scope is scope
    assert abs(error.until - ends) < timedelta(seconds=2)


def test_the_token_goes_to_its_own_server_only():
    """A roster that changed its mind about the instance does not send the token elsewhere."""

    async def scene(made):
        moved = Lent(replace(made.lent.account, handle=f"{WHO}@evil.example"), made.lent.token)
        post = await made.post("Je cherche")
        await made.api.boost(moved, intent_of(await made.api.locate(moved, post)))
        return len(made.proxy.seen), made.there.boosts

    seen, there = play(scene)
    assert seen
    assert there == []


@pytest.mark.parametrize("text", ["", "x", "{}", "[]", '{"base": 1}', "null"])
def test_a_token_of_something_else_is_lost_access(text):
    """What is not ours opens nothing, and is not repeated."""
    with pytest.raises(AccessLostError) as raised:
        read_key(Secret(text or "s3cret"))
    assert "s3cret" not in repr(raised.value)


def test_tokens_without_an_end_are_not_renewed():
    """Mastodon's tokens are good for ever, without a call."""

    async def scene(made):
        found = await made.api.renew(made.lent, datetime(2099, 1, 1, tzinfo=UTC))
        return found, made.proxy.seen

    assert play(scene) == (None, [])


def test_every_limit_has_its_source():
    """Limits are positive and say where they stand; every act but renewing is counted for the account."""
    assert all(limit.most > 0 and limit.per and limit.source for limit in LIMITS)
    counted = set().union(*(limit.actions for limit in LIMITS if limit.scope is Scope.ACCOUNT))
    assert counted == set(Action) - {Action.RENEW}
