"""Boosting on X, on a fake: money, windows, rotation, trouble by its name."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.model.calls import Action, Scope
from bot.model.notice import PostRef
from bot.model.secret import Secret
from bot.networks.api.base import Intent, Lent
from bot.networks.api.x import XApi, digest_of, edited_at_of
from bot.networks.api.x_answers import NO_CREDITS
from bot.networks.connect.x_pair import Pair, read_pair
from bot.networks.errors import AccessLostError, RateLimitedError, RefusedError, UnavailableError
from bot.networks.http import Http, NoAnswerError, anywhere
from tests.fakes.wire import whole
from tests.fakes.x import FakeX, x
from tests.fakes.x_bounds import Money, Windows
from tests.networks.x_lent import SAM, lent


def play(steps, **switches):
    """Run `steps(fake, api, sam)` against a fake with one post, `fake.first`."""

    async def run():
        async with x(**switches) as fake, Http(anywhere) as http:
            fake.post("Je cherche #i4emploi", author_id="77")
            api = XApi(http, fake.url, fake.oauth.client_id, fake.oauth.client_secret)
            return await steps(fake, api, lent(fake, fake.user("sam")))

    return asyncio.run(run())


def intent(fake, target=""):
    """What is about to be done with the fake's first post."""
    return Intent(1, target or str(fake.first), datetime.now(UTC))


def test_a_boost_is_made_once():
    """The second time X says 400 "already retweeted": it was there before, and costs nothing."""

    async def steps(fake, api, sam):
        first = await api.boost(sam, intent(fake))
        second = await api.boost(sam, intent(fake))
        return first, second, fake.made, fake.money.total

    first, second, made, total = play(steps)
    assert (first.before, second.before, len(made)) == (False, True, 1)
    assert first.remote_id == second.remote_id
    assert total == XApi.prices[Action.BOOST]


def test_a_boost_is_taken_back():
    """Twice is once; after it the boost can be made again."""

    async def steps(fake, api, sam):
        made = await api.boost(sam, intent(fake))
        await api.undo(sam, intent(fake), made.remote_id)
        await api.undo(sam, intent(fake), made.remote_id)
        gone = set(fake.boosts)
        return gone, (await api.boost(sam, intent(fake))).before

    assert play(steps) == (set(), False)


@pytest.mark.parametrize(
    ("windows", "left"),
    [
        (Windows(day_user=40, day_app=90), {Scope.ACCOUNT: 39, Scope.APP: 89}),
        (Windows(day_user=400), {Scope.ACCOUNT: 49}),
        (Windows(), {Scope.ACCOUNT: 49}),
    ],
)
def test_windows_are_learnt(windows, left):
    """Of the account's quarter of an hour and its day the one with fewer calls left; of the app its day."""

    async def steps(fake, api, sam):
        return (await api.boost(sam, intent(fake))).learnt

    found = play(steps, windows=windows)
    assert {one.scope: one.left for one in found} == left
    assert {one.action for one in found} == {Action.BOOST}


@pytest.mark.parametrize(
    ("windows", "scope", "hours"),
    [(Windows(day_app=1), Scope.APP, 23), (Windows(day_user=1), Scope.ACCOUNT, 23)],
)
def test_a_full_day_makes_exactly_its_scope_wait(windows, scope, hours):
    """The day's window is full while the quarter's is not: the wait is the day's."""

    async def steps(fake, api, sam):
        await api.boost(sam, intent(fake))
        with pytest.raises(RateLimitedError) as raised:
            await api.boost(sam, intent(fake, fake.post("un")))
        return raised.value

    error = play(steps, windows=windows)
    assert error.scope is scope
    assert error.until > datetime.now(UTC) + timedelta(hours=hours)


def test_no_credits_stop_the_app_and_nobody_else():
    """402: every call of the app waits; nothing was made."""

    async def steps(fake, api, sam):
        with pytest.raises(RateLimitedError, match="no credits") as raised:
            await api.boost(sam, intent(fake))
        return raised.value, fake.made

    error, made = play(steps, money=Money(credits=0))
    assert (error.scope, made) == (Scope.APP, [])
    assert error.until > datetime.now(UTC) + NO_CREDITS - timedelta(minutes=1)


def test_the_spending_limit_stops_the_app():
    """403 spend-cap-reached is a limit, not a refusal."""

    async def steps(fake, api, sam):
        with pytest.raises(RateLimitedError, match="spending limit") as raised:
            await api.boost(sam, intent(fake))
        return raised.value.scope

    assert play(steps, money=Money(cap=0)) is Scope.APP


def test_an_app_that_may_not_boost_is_refused_as_a_whole():
    """403 client-forbidden: whoever boosts, it is useless until the operator changes something."""

    async def steps(fake, api, sam):
        with pytest.raises(RefusedError, match="client-forbidden") as raised:
            await api.boost(sam, intent(fake))
        return raised.value

    error = play(steps, closed=True)
    assert error.scope is Scope.APP
    assert error.until is not None


@pytest.mark.parametrize("gone", ["errors", "missing"])
def test_a_post_that_is_gone_is_refused(gone):
    """Whichever way X says it."""

    async def steps(fake, api, sam):
        fake.delete(str(fake.first))
        with pytest.raises(RefusedError) as raised:
            await api.boost(sam, intent(fake))
        return raised.value.scope

    assert play(steps, gone=gone) is Scope.ACCOUNT


def test_a_blocked_account_is_refused_alone():
    """A 403 without a kind is between this author and this account."""

    async def steps(fake, api, sam):
        fake.blocks.add(("77", next(iter(fake.users))))
        with pytest.raises(RefusedError) as raised:
            await api.boost(sam, intent(fake))
        return raised.value.scope, fake.made

    assert play(steps) == (Scope.ACCOUNT, [])


@pytest.mark.parametrize(
    ("raw", "error", "scope"),
    [
        (
            whole(b'{"errors":[{"code":88,"message":"Rate limit exceeded"}]}', 429),
            RateLimitedError,
            Scope.ACCOUNT,
        ),
        (whole(b"<html>later</html>", 503), UnavailableError, Scope.INSTANCE),
        (whole(b"<html>oops</html>", 500), NoAnswerError, None),
        (whole(b"", 502), NoAnswerError, None),
        (whole(b'{"data":{"retw', 200), NoAnswerError, None),
        (whole(b"[]", 200), NoAnswerError, None),
        (whole(b"{}", 200), NoAnswerError, None),
        (whole(b'{"data":{"retweeted":false}}', 200), RefusedError, Scope.ACCOUNT),
        (whole(b'{"title":"Unauthorized","status":401}', 401), AccessLostError, Scope.ACCOUNT),
        (whole(b"", 401), AccessLostError, Scope.ACCOUNT),
        (whole(b'{"errors":[{"message":"bad"}]}', 400), RefusedError, Scope.ACCOUNT),
        (whole(b'{"errors":7}', 418), RefusedError, Scope.ACCOUNT),
    ],
)
def test_trouble_has_a_name_and_a_scope(raw, error, scope):
    """A whole answer says what is to be done; a broken one that nobody knows."""

    async def steps(fake, api, sam):
        fake.raw = raw
        with pytest.raises(error) as raised:
            await api.boost(sam, intent(fake))
        return getattr(raised.value, "scope", None)

    assert play(steps) is scope


def test_a_look_tells_an_edit():
    """The digest is the same until the post is edited, in both dialects; a deleted or closed one has none."""

    async def steps(fake, api, sam):
        number = str(fake.first)
        looks = [await api.look(sam, number), await api.look(sam, number)]
        fake.edit(number, "Je cherche autre chose #i4emploi")
        looks.append(await api.look(sam, number))
        fake.protected.add("77")
        looks.append(await api.look(sam, number))
        fake.delete(number)
        looks.append(await api.look(sam, number))
        return looks, fake.money.total

    (first, same, edited, closed, deleted), total = play(steps)
    assert first == same
    assert edited.digest not in {None, first.digest}
    assert (closed.digest, deleted.digest) == (None, None)
    assert [one.edited_at is None for one in (first, same, edited)] == [True, True, False]
    assert total == XApi.prices[Action.LOOK]


def test_the_moment_of_an_edit_stands_in_its_number():
    """X's documentation gives 2019-12-31T19:26:16 for this number; an unedited post has no such moment."""
    number = "1212092628029698048"
    edited = edited_at_of({"id": "1", "edit_history_tweet_ids": ["1", number]})
    assert edited is not None
    assert edited.isoformat(timespec="seconds") == "2019-12-31T19:26:16+00:00"
    assert edited_at_of({"id": number, "edit_history_post_ids": [number]}) is None


def test_the_digest_is_one_in_both_dialects():
    """Names of fields do not change it, nor does a field that X dropped from an unedited post."""
    bare = {"id": "9", "text": "un"}
    tweet, post = bare | {"edit_history_tweet_ids": ["9"]}, bare | {"edit_history_post_ids": ["9"]}
    assert digest_of(bare) == digest_of(tweet) == digest_of(post)


def test_a_number_needs_no_call():
    """A post's number is the same for everybody; what is none is refused."""

    async def steps(fake, api, sam):
        with pytest.raises(RefusedError):
            await api.locate(sam, PostRef("x", "https://x.com/i/status/abc", "abc"))
        return (
            await api.locate(sam, PostRef("x", "https://x.com/i/status/5", "5")),
            fake.asked,
            api.place(SAM),
        )

    assert play(steps) == ("5", [], "")


def test_a_fresh_pair_is_not_renewed():
    """Renewing happens when a call is due and little is left, never on a timer."""

    async def steps(fake, api, sam):
        return await api.renew(sam, datetime.now(UTC)), fake.asked

    assert play(steps) == (None, [])


def test_a_renewed_pair_kills_the_old_one():
    """The new pair opens the account; using the old one again ends both."""

    async def steps(fake, api, sam):
        old = lent(fake, read_pair(sam.token).number, life=timedelta(minutes=1))
        now = datetime.now(UTC)
        new = Lent(SAM, await api.renew(old, now))
        await api.boost(new, intent(fake))
        with pytest.raises(AccessLostError):
            await api.renew(old, now)
        with pytest.raises(AccessLostError):
            await api.boost(new, intent(fake, fake.post("un")))
        return read_pair(new.token)

    pair = play(steps)
    assert pair.number == "1000"
    assert pair.until > datetime.now(UTC) + timedelta(minutes=100)


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (whole(b"<html>down</html>", 503), UnavailableError),
        (whole(b"oops", 500), NoAnswerError),
        (whole(b"<html>fine?</html>", 200), NoAnswerError),
        (whole(b"{}", 200), NoAnswerError),
        (whole(b"<html>slow down</html>", 429), RateLimitedError),
        (whole(b'{"error":"invalid_grant"}', 400), AccessLostError),
        (whole(b'{"error":"invalid_client"}', 401), RefusedError),
    ],
)
def test_trouble_at_the_desk_has_a_name(raw, error):
    """Only X's own word ends an access; an outage never does."""

    async def steps(fake, api, sam):
        old = lent(fake, "1000", life=timedelta(minutes=1))
        fake.raw = raw
        with pytest.raises(error) as raised:
            await api.renew(old, datetime.now(UTC))
        return raised.value

    found = play(steps)
    if isinstance(found, RefusedError):
        assert found.scope is Scope.APP


def test_every_limit_says_where_it_stands():
    """Each limit has a source; boosts, looks and undoing are all bounded."""
    bounded = {action for limit in XApi.limits for action in limit.actions}
    assert bounded == {Action.BOOST, Action.LOOK, Action.UNDO} == XApi.prices.keys()
    assert all(limit.source for limit in XApi.limits)


def test_the_fake_is_one_of_many_users():
    """One user's boost, block and window are not another's."""

    async def run():
        async with x(windows=Windows(day_user=1)) as fake, Http(anywhere) as http:
            fake.post("un")
            api = XApi(http, fake.url, fake.oauth.client_id, fake.oauth.client_secret)
            for name in ("sam", "lea"):
                await api.boost(lent(fake, fake.user(name)), intent(fake))
            return len(fake.made)

    assert asyncio.run(run()) == 2


def test_a_fake_without_users_is_still_a_fake():
    """The app's own token boosts nothing: X wants a user's."""

    async def run():
        async with x() as fake, Http(anywhere) as http:
            pair = Pair(Secret(fake.token), Secret("r"), datetime.now(UTC) + timedelta(1), frozenset(), "5")
            api = XApi(http, fake.url, "client", "client-s3cret")
            with pytest.raises(RefusedError, match="unsupported-authentication") as raised:
                await api.boost(Lent(SAM, pair.text()), intent(FakeX()))
            return raised.value.scope

    assert asyncio.run(run()) is Scope.APP
