"""Claim what is due: one call for each account that nobody holds, if everything still allows it.

The claim is committed before its call is made. It takes its share of every limit and of the budget in the
same transaction, so that whatever happens afterwards no limit is passed.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.delivery import allow, breaker, publication
from bot.delivery.allow import End, Go, Later, Scene, Verdict
from bot.delivery.places import due
from bot.delivery.quotas import keep, reserve, room_for
from bot.delivery.terms import Terms
from bot.model.boost import BoostState
from bot.model.calls import Action
from bot.model.halt import Halt
from bot.model.journal import DAEMON
from bot.model.lane import Call, Lane, Rest
from bot.model.notice import PostRef
from bot.model.steady import Mark
from bot.model.volunteer import Access, Account
from bot.networks.api.base import Draft
from bot.storage import Session, access, boosts, calls, halts, journal, lanes, notices, reports, volunteers
from bot.storage.calls import Lately

MAKES = frozenset({Action.BOOST, Action.PUBLISH})
"""Actions after which the boost is there."""
HISTORY = timedelta(days=2)
"""Longer than any volunteer's local day."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One call to be made now, and all it needs. `call` is as it was written down."""

    lane: Lane
    call: Call
    action: Action
    account: Account
    access: Access
    place: str
    post: PostRef | None
    target: str
    """What the post is called there; empty: not known yet."""
    started: Mark
    """From before the claim: the call's deadline counts from here."""
    at: datetime
    draft: Draft | None
    """What is published, was, or is taken back; None: a post is boosted."""
    entry: int | None = None
    """In the ledger of what networks cost."""


def claim(
    session: Session,
    terms: Terms,
    *,
    room: int,
    besides: Collection[Lane],
    now: datetime,
    mark: Mark,
    among: Collection[int] | None = None,
) -> list[Claim]:
    """Claim at most `room` calls for lanes that are due, none for those in `besides`: they have one.

    With `among`, for none but these accounts.
    """
    halt = halts.current(session)
    ready = due(session, terms, room=room, besides=besides, now=now, halt=halt, among=among)
    if not ready:
        return []
    lapsed(session, [lane.account_id for lane in ready if lane.leased], terms, now, mark)
    desk = _Desk(session, terms, ready, halt, now, mark)
    made = [one for lane in ready if (one := desk.serve(lane)) is not None]
    desk.close(made)
    return made


def lapsed(session: Session, account_ids: Collection[int], terms: Terms, now: datetime, mark: Mark) -> None:
    """Make uncertain what was on its way for lanes whose holder is gone: it may have had an effect."""
    if not account_ids:
        return
    for call in calls.sending(session, account_ids).values():
        doubt(session, call, terms, now, mark, "whoever made the call is gone")


def doubt(session: Session, call: Call, terms: Terms, now: datetime, mark: Mark, why: str) -> None:
    """Make a boost uncertain. It is asked for after the quiet period, which counts from now."""
    boosts.move(session, call.boost_id, BoostState.UNCERTAIN)
    asks = terms.apis[call.network].reads_back
    row = {"boost_id": call.boost_id, "uncertain_since": now, "uncertain_mark": str(mark), "why": why}
    calls.change(session, [{**row, "error": "NoAnswer", "next_at": now + terms.quiet if asks else None}])
    journal.write(session, now, DAEMON, "boost.uncertain", f"boost:{call.boost_id}", notice=call.notice_id)


class _Desk:
    """What one turn's claims look at, and what they write."""

    def __init__(
        self,
        session: Session,
        terms: Terms,
        ready: Collection[Lane],
        halt: Halt | None,
        now: datetime,
        mark: Mark,
    ) -> None:
        self._session, self._terms, self._now, self._mark = session, terms, now, mark
        ids = [lane.account_id for lane in ready]
        self._heads = calls.heads(session, ids, now, kind=Action.UNDO if halt else None)
        heads = self._heads.values()
        self._notices = notices.some(session, {call.notice_id for call in heads})
        self._people = {v.id: v for v in volunteers.some(session, {call.volunteer_id for call in heads})}
        self._access = access.some(session, ids)
        self._posts = calls.posts(session, self._notices)
        numbers = {number for number, _ in self._posts.values()}
        self._targets = calls.targets(session, numbers)
        self._lately = calls.lately(session, numbers, now)
        self._sent = calls.sent(session, self._people, now - HISTORY)
        self._called = calls.sent_by_account(session, ids, now - allow.DAY)
        self._halt = halt
        self._reported = reports.held(session)
        self._breakers = lanes.breakers(session)
        self._room = room_for(session, ready, terms.apis, now)
        self._rests: dict[tuple[datetime, Rest], list[int]] = {}
        self._later: list[dict[str, Any]] = []
        self._idle: list[int] = []

    def serve(self, lane: Lane) -> Claim | None:
        """Decide on the first due call of a lane; give it when it is to be made now."""
        call = self._heads.get(lane.account_id)
        if call is None:
            self._idle.append(lane.account_id)
            return None
        scene = self._scene(call)
        verdict = self._waits(lane, call) or allow.verdict(scene, self._terms, self._now)
        claim = self._go(lane, scene, verdict.action) if isinstance(verdict, Go) else verdict
        if isinstance(claim, Claim):
            return claim
        self._put_off(lane, call, claim)
        return None

    def close(self, made: Collection[Claim]) -> None:
        """Write down everything: the leases, the intents, who waits for what."""
        session, until = self._session, self._now + self._terms.lease
        calls.change(session, self._later)
        if made:
            lanes.claim(session, [one.lane.account_id for one in made], self._terms.owner, until)
            sending = [c.call.boost_id for c in made if c.action in MAKES]
            boosts.move_all(session, sending, BoostState.SENDING)
            calls.change(session, [_intent(one, self._now) for one in made])
        if self._idle:
            lanes.give_back(session, self._idle)
        for (moment, why), account_ids in self._rests.items():
            lanes.rest(session, account_ids, moment, why)
        keep(self._session, self._room)

    def _scene(self, call: Call) -> Scene:
        person = self._people[call.volunteer_id]
        number, post = self._posts.get((call.notice_id, call.network), (None, None))
        account = next((a for a in person.accounts if a.id == call.account_id), None)
        target = self._targets.get((number or 0, self._place(call, account)))
        lately = self._lately.get(number or 0, Lately())
        return Scene(
            call=call,
            notice=self._notices[call.notice_id],
            volunteer=person,
            account=account,
            access=self._access.get(call.account_id),
            post=post,
            target=target,
            sent=self._sent.get(call.volunteer_id, ()),
            called=self._called.get(call.account_id, ()),
            post_sent=lately.sent_at,
            post_busy=lately.busy,
            halt=self._halt,
            reported=call.notice_id in self._reported,
        )

    def _place(self, call: Call, account: Account | None) -> str:
        return self._terms.apis[call.network].place(account) if account else ""

    def _waits(self, lane: Lane, call: Call) -> Verdict | None:
        """Hold a boost that is in doubt for its whole quiet period, and a place that is broken."""
        if call.state is BoostState.UNCERTAIN:
            passed = self._mark.since(Mark.of(call.uncertain_mark))
            if passed is None:  # of another run of this machine, or of another one: nobody knows how long ago
                self._later.append({"boost_id": call.boost_id, "uncertain_mark": str(self._mark)})
                passed = 0.0
            left = self._terms.quiet - timedelta(seconds=passed)
            if left > timedelta():
                return Later(self._now + left, Rest.QUIET_PERIOD)
        until = self._breakers.get((lane.network, lane.instance))
        return Later(until, Rest.BREAKER, lane=True) if until is not None and until > self._now else None

    def _go(self, lane: Lane, scene: Scene, action: Action) -> Claim | Later:
        if (held := self._room.refuse(lane, action)) is not None:
            return held
        price, entry = self._terms.apis[lane.network].prices.get(action, 0), None
        if price:
            budget = self._terms.budgets.get(lane.network)
            got = reserve(self._session, lane.network, action, price, budget, self._now)
            if isinstance(got, Later):
                return got
            entry = got
        self._room.take(lane, action)
        return self._claim(lane, scene, action, entry)

    def _claim(self, lane: Lane, scene: Scene, action: Action, entry: int | None) -> Claim:
        assert scene.account is not None, "it is lent"
        assert scene.access is not None, "it is lent"
        call, place = scene.call, (lane.network, lane.instance)
        if place in self._breakers:  # the probe: nobody else calls until it has come back
            self._breakers[place] = self._now + breaker.WAIT
            lanes.break_off(self._session, *place, self._now, self._breakers[place])
        number = self._posts.get((call.notice_id, call.network), (call.post_id, None))[0]
        made: dict[str, Any] = {"post_id": number}
        if number is not None:
            self._lately[number] = self._lately.get(number, Lately())._replace(busy=True)
        if action in MAKES:
            at = call.at or self._now.replace(microsecond=self._now.microsecond // 1000 * 1000)
            made |= {"target": call.target or _target(scene, action), "at": at}
            self._sent.setdefault(call.volunteer_id, []).append(self._now)
        held, call = replace(lane, epoch=lane.epoch + 1), replace(call, **made)
        where = self._place(call, scene.account)
        return Claim(
            held,
            call,
            action,
            scene.account,
            scene.access,
            where,
            scene.post,
            scene.target.target if scene.target else "",
            self._mark,
            self._now,
            publication.draft_of(scene.notice, call, self._terms.address) if call.publishes else None,
            entry,
        )

    def _put_off(self, lane: Lane, call: Call, verdict: Later | End) -> None:
        self._idle.append(lane.account_id)
        if isinstance(verdict, End):
            row = {"boost_id": call.boost_id, "next_at": None, "why": verdict.why}
            self._later.append(row | forgotten(call))
            if verdict.state is not None:
                end(self._session, call, verdict, self._now)
        elif verdict.lane:
            self._rests.setdefault((verdict.until, verdict.why), []).append(lane.account_id)
        else:
            self._later.append({"boost_id": call.boost_id, "next_at": verdict.until})


def forgotten(call: Call) -> dict[str, Any]:
    """Give what is blanked at the end of a call whose post was erased while it was on its way."""
    return {} if call.post_id is not None or call.publishes else {"target": "", "remote_id": ""}


def end(session: Session, call: Call, verdict: End, now: datetime) -> None:
    """End a boost without a call, or give it back to its volunteer's own hand."""
    assert verdict.state is not None, "the caller has looked"
    words = {
        BoostState.ASKED: "by_hand",
        BoostState.CANCELLED: "cancelled",
        BoostState.EXPIRED: "expired",
        BoostState.FAILED: "failed",
    }
    if verdict.state is BoostState.ASKED:
        boosts.by_hand(session, call.boost_id)
    else:
        boosts.move(session, call.boost_id, verdict.state, ended_at=now)
    action = f"boost.{words[verdict.state]}"
    journal.write(session, now, DAEMON, action, f"boost:{call.boost_id}", notice=call.notice_id)


def _target(scene: Scene, action: Action) -> str:
    """Give what the call is about, the same at every try."""
    if action is Action.PUBLISH:
        return publication.target_of(scene.notice)
    assert scene.target is not None, "it was located"
    return scene.target.target


def _intent(one: Claim, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {
        "boost_id": one.call.boost_id,
        "epoch": one.lane.epoch,
        "post_id": one.call.post_id,
    }
    if one.action in MAKES:
        row |= {"target": one.call.target, "at": one.call.at, "sent_at": now}
    return row
