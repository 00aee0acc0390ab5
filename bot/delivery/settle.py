"""Write down what calls came to, each only while its lane is still held by the claim's own lease."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.delivery import breaker, retry
from bot.delivery.allow import End
from bot.delivery.claim import MAKES, Claim, doubt, end, forgotten
from bot.delivery.outcome import Ended, Located, Outcome, Trouble, UnreadableTokenError
from bot.delivery.quotas import keep, room_for
from bot.delivery.source import Seen, check
from bot.delivery.terms import Terms
from bot.model.boost import BoostState, Mode
from bot.model.calls import Action, Scope
from bot.model.journal import DAEMON
from bot.model.lane import Call, Lane, Rest
from bot.model.steady import Mark
from bot.networks.api.base import Look, Made
from bot.networks.errors import (
    AccessLostError,
    NetworkError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
)
from bot.networks.http import NotSentError
from bot.storage import Session, access, boosts, calls, journal, lanes, recalls, spending
from bot.storage.calls import TargetKey
from bot.storage.chain import Line
from bot.storage.lanes import Lease


def settle(
    session: Session, terms: Terms, ended: Sequence[Ended], *, now: datetime, mark: Mark, share: float
) -> int:
    """Write down the ends of calls and give their lanes back; give how many came too late to be written.

    `share` in 0..1 is the random number of this turn, for jitter.
    """
    held = lanes.held(session, [Lease(e.claim.lane.account_id, e.claim.lane.epoch) for e in ended])
    mine = [one for one in ended if one.claim.lane.account_id in held]
    clerk = _Clerk(session, terms, mine, now, mark, share)
    for one in mine:
        clerk.write(one)
    clerk.close()
    return len(ended) - len(mine)


class _Clerk:
    def __init__(
        self,
        session: Session,
        terms: Terms,
        mine: Sequence[Ended],
        now: datetime,
        mark: Mark,
        share: float,
    ) -> None:
        self._session, self._terms, self._now, self._mark, self._share = session, terms, now, mark, share
        self._lanes = [one.claim.lane for one in mine]
        self._room = room_for(session, self._lanes, terms.apis, now)
        self._calls = calls.of(session, [one.claim.call.boost_id for one in mine])
        self._rows: list[dict[str, Any]] = []
        self._found: dict[TargetKey, str] = {}
        self._looks: list[tuple[Call, Seen]] = []
        self._verified: list[int] = []
        self._lines: list[Line] = []
        self._good: list[Lane] = []

    def write(self, one: Ended) -> None:
        """Write down one end."""
        claim, outcome = one.claim, one.outcome
        call = self._calls.get(claim.call.boost_id)
        self._pay(claim, outcome)
        if call is None:  # its notice was erased meanwhile
            return
        if isinstance(outcome, Trouble):
            self._trouble(claim, call, outcome)
            return
        self._good.append(claim.lane)
        self._room.recover(claim.lane)
        if isinstance(outcome, Located):
            self._located(claim, call, outcome)
        elif isinstance(outcome, Look):
            self._looked(claim, call, outcome)
        elif isinstance(outcome, Made):
            self._made(claim, call, outcome)
        else:
            self._absent(claim, call)

    def close(self) -> None:
        """Write down what is written together."""
        self._close_calls()
        ids = [lane.account_id for lane in self._good]
        if others := list({one.account_id for one in self._lanes} - set(ids)):
            lanes.give_back(self._session, others)
        if ids:
            lanes.good(self._session, ids, self._now)
            access.use(self._session, ids, self._now)
            self._close_breakers()
        keep(self._session, self._room)
        journal.write_all(self._session, self._now, DAEMON, self._lines)

    def _close_calls(self) -> None:
        """Write down what whole answers said, each kind in a statement or two however many they are."""
        session = self._session
        calls.locate(session, self._found)
        same = check(session, [seen for _, seen in self._looks], now=self._now)
        for (call, _), holds in zip(self._looks, same, strict=True):
            if holds:
                self._change(call.boost_id, next_at=self._now)
        boosts.move_all(session, self._verified, BoostState.VERIFIED, ended_at=self._now)
        back = recalls.asked(session, self._verified) if self._verified else {}
        for boost_id, asked_at in back.items():  # while they were on their way, maybe before a halt
            boosts.move_all(session, [boost_id], BoostState.UNDOING, ended_at=asked_at)
            self._change(boost_id, next_at=self._now, kind=Action.UNDO.value)
        calls.change(session, self._rows)

    # ---------- whole answers ----------

    def _located(self, claim: Claim, call: Call, found: Located) -> None:
        if call.post_id is not None:  # else its notice was erased meanwhile
            self._found[call.post_id, claim.place] = found.target
            self._change(call.boost_id, next_at=self._now)

    def _looked(self, claim: Claim, call: Call, look: Look) -> None:
        self._room.learn(claim.lane, look.learnt)
        if call.post_id is not None:  # as above
            where = (call.post_id, claim.place)
            self._looks.append((call, Seen(call.notice_id, where, look.digest, claim.at, look.edited_at)))

    def _made(self, claim: Claim, call: Call, made: Made) -> None:
        self._room.learn(claim.lane, made.learnt)
        if call.state in {BoostState.SENDING, BoostState.UNCERTAIN}:
            self._verified.append(call.boost_id)
            self._change(call.boost_id, next_at=None, remote_id=made.remote_id, uncertain_since=None)
            self._journal("boost.verified", call, before=made.before)

    def _absent(self, claim: Claim, call: Call) -> None:
        if claim.action is Action.UNDO and call.state is BoostState.UNDOING:
            boosts.move(self._session, call.boost_id, BoostState.UNDONE)
            recalls.settle(self._session, self._now, call.boost_id)
            self._change(call.boost_id, next_at=None, target="", remote_id="")
            self._journal("boost.taken_back", call)
        elif claim.action is Action.READ_BACK and call.state is BoostState.UNCERTAIN:
            boosts.move(self._session, call.boost_id, BoostState.DUE)
            self._change(call.boost_id, next_at=self._now, sent_at=None, uncertain_since=None)

    # ---------- trouble ----------

    def _trouble(self, claim: Claim, call: Call, trouble: Trouble) -> None:
        error = trouble.error
        why, name = _said(error)
        sent = claim.action in MAKES and call.state is BoostState.SENDING
        if sent and trouble.begun and not isinstance(error, (NetworkError, NotSentError)):
            doubt(self._session, call, self._terms, self._now, self._mark, why)
            self._change(call.boost_id, attempts=call.attempts + 1)
        else:
            if sent:  # a whole answer says that it was not made, or nothing left this machine
                boosts.move(self._session, call.boost_id, BoostState.DUE)
                self._change(call.boost_id, sent_at=None)
            self._change(call.boost_id, error=name, why=why, attempts=call.attempts + 1)
        if isinstance(error, AccessLostError):
            self._refused(claim)
        elif isinstance(error, RefusedError) and error.scope is not Scope.ACCOUNT:
            self._no_to_all(claim, call, error)
        elif isinstance(error, RefusedError):
            self._no(claim, call, why)
        elif isinstance(error, RateLimitedError):
            self._rest(claim, error.scope, error.until or self._now + retry.LIMITED, Rest.RATE_LIMITED, why)
        else:
            self._unavailable(claim, call, error, why)

    def _no(self, claim: Claim, call: Call, why: str) -> None:
        """The network understood and said no."""
        if claim.action in {Action.UNDO, Action.READ_BACK}:
            self._change(call.boost_id, next_at=None)  # its volunteer's page, or an admin, goes on from here
        elif call.state in {BoostState.DUE, BoostState.SENDING}:
            end(self._session, call, End(BoostState.FAILED, why), self._now)
            self._change(call.boost_id, next_at=None, **forgotten(call))

    def _no_to_all(self, claim: Claim, call: Call, error: RefusedError) -> None:
        """Whoever asked, the answer would be no: nobody does for a while, and this boost is made by hand.

        One of the collective's own account waits: it has no hand.
        """
        until = error.until or self._now + breaker.WAIT
        self._rest(claim, error.scope, until, Rest.UNAVAILABLE, error.why)
        by_hand = call.mode is not Mode.COLLECTIVE
        if by_hand and call.state in {BoostState.DUE, BoostState.SENDING}:
            end(self._session, call, End(BoostState.ASKED, error.why), self._now)
            self._change(call.boost_id, next_at=None)
        else:
            self._change(call.boost_id, next_at=until)

    def _unavailable(self, claim: Claim, call: Call, error: Exception, why: str) -> None:
        """Back off: the instance, which has no part in a damaged token, else the account."""
        scope = error.scope if isinstance(error, UnavailableError) else Scope.ACCOUNT
        alone = isinstance(error, UnreadableTokenError)
        if scope is Scope.ACCOUNT and claim.lane.instance and not alone:
            scope = Scope.INSTANCE
        failures = call.attempts if scope is Scope.ACCOUNT else self._room.failures(claim.lane, scope)
        until = self._now + retry.backoff(failures + 1, self._share)
        if isinstance(error, UnavailableError) and error.until is not None:
            until = max(until, error.until)
        self._rest(claim, scope, until, Rest.DAMAGED if alone else Rest.UNAVAILABLE, why)

    def _rest(self, claim: Claim, scope: Scope, until: datetime, why: Rest, says: str) -> None:
        if scope is not Scope.ACCOUNT:
            self._room.rest(claim.lane, scope, until, says)
        lanes.rest(self._session, [claim.lane.account_id], max(until, self._now), why)

    def _refused(self, claim: Claim) -> None:
        """A token was refused: once says little, and many at once say something of the network."""
        lane, session, now = claim.lane, self._session, self._now
        where = (lane.network, lane.instance)
        if where in lanes.breakers(session):
            lanes.break_off(session, *where, now, now + breaker.WAIT)
            lanes.rest(session, [lane.account_id], now + 2 * breaker.WAIT, Rest.ACCESS_REFUSED)
            return
        refusals = lanes.refused(session, lane.account_id, now)
        if breaker.opens(*lanes.tokens_since(session, *where, now - breaker.WINDOW)):
            lanes.break_off(session, *where, now, now + breaker.WAIT)
            journal.write(session, now, DAEMON, "breaker.opened", network=lane.network)
        wait = retry.after_refusal(refusals)
        if wait is not None:
            lanes.rest(session, [lane.account_id], now + wait, Rest.ACCESS_REFUSED)
            return
        access.lose(session, lane.account_id, now)
        subject = f"volunteer:{claim.account.volunteer_id}"
        journal.write(session, now, DAEMON, "access.lost", subject, network=lane.network)

    # ---------- what is common ----------

    def _pay(self, claim: Claim, outcome: Outcome) -> None:
        """Settle the reservation: what did nothing costs nothing; what may have done something stays paid."""
        if claim.entry is not None:
            price = self._terms.apis[claim.lane.network].prices.get(claim.action, 0)
            spending.settle(self._session, claim.entry, price=price, count=0 if _free(outcome) else 1)

    def _close_breakers(self) -> None:
        """One answer at a place that was broken is enough: everybody there calls again."""
        broken = lanes.breakers(self._session)
        for network, instance in {(one.network, one.instance) for one in self._good} & broken.keys():
            lanes.close(self._session, network, instance, self._now)
            journal.write(self._session, self._now, DAEMON, "breaker.closed", network=network)

    def _change(self, boost_id: int, **values: Any) -> None:
        self._rows.append({"boost_id": boost_id, **values})

    def _journal(self, action: str, call: Call, **details: Any) -> None:
        self._lines.append(Line(action, f"boost:{call.boost_id}", {"notice": call.notice_id, **details}))


def _free(outcome: Outcome) -> bool:
    """Whether a call had no effect that is paid for: it never left, or a whole answer says so."""
    if isinstance(outcome, Trouble):
        return not outcome.begun or isinstance(
            outcome.error, (NotSentError, RateLimitedError, AccessLostError, RefusedError)
        )
    return (isinstance(outcome, Made) and outcome.before) or (
        isinstance(outcome, Look) and outcome.digest is None
    )


def _said(error: Exception) -> tuple[str, str]:
    """Give a sentence and the name of an error."""
    if isinstance(error, NetworkError):
        return error.why, error.name
    return str(error), "NotSent" if isinstance(error, NotSentError) else "NoAnswer"
