"""May this boost go now? Asked in the transaction that claims it, of everything that may have changed. Pure.

What the volunteer's own limits hold back is what the bot does by itself: a boost that a volunteer has just
tapped for goes at night too. What the network's policy holds back is every call.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.delivery.terms import Terms
from bot.model.boost import BoostState, Mode
from bot.model.calls import Action
from bot.model.day import awake, local_day, next_day, spacing
from bot.model.halt import Halt
from bot.model.lane import Call, Rest, Target
from bot.model.notice import Notice, NoticeState, PostRef
from bot.model.policy import Policy, collective_may, mode_for
from bot.model.volunteer import Access, Account, Volunteer

BUSY = timedelta(seconds=1)
"""Until somebody else's call for the same post has ended."""
DAY = timedelta(hours=24)
HALT_LOOK = timedelta(seconds=2)
REPORT_LOOK = timedelta(minutes=1)
LABEL_LOOK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Go:
    """Make this call now."""

    action: Action


@dataclass(frozen=True, slots=True)
class Later:
    """Not before `until`: this boost, or with `lane` everything of the account."""

    until: datetime
    why: Rest
    lane: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """Nothing is called any more for this boost. `state` is where it ends, None: where it is."""

    state: BoostState | None
    why: str = ""


Verdict = Go | Later | End


@dataclass(frozen=True, slots=True)
class Scene:
    """One call and everything its permission depends on, read in one transaction."""

    call: Call
    notice: Notice
    volunteer: Volunteer
    account: Account | None
    access: Access | None
    post: PostRef | None
    target: Target | None
    sent: Sequence[datetime]
    """When the volunteer really boosted lately, by hand or by a call."""
    called: Sequence[datetime]
    """When calls boosted from this account in the last 24 hours."""
    post_sent: datetime | None
    """When a call last boosted this post."""
    post_busy: bool
    """A call for this post is on its way."""
    halt: Halt | None
    reported: bool
    """A volunteer reported the notice and no moderator has looked yet."""

    @property
    def lent(self) -> bool:
        """Whether there is a token to call with."""
        return self.account is not None and self.access is not None and self.access.lost_at is None


def verdict(scene: Scene, terms: Terms, now: datetime) -> Verdict:
    """Say what to do for a call whose turn it is."""
    state = scene.call.state
    if state is BoostState.UNDOING:
        return _undo(scene, now)
    if state not in {BoostState.DUE, BoostState.UNCERTAIN}:
        return End(None)
    if scene.halt is not None:
        return Later(now + HALT_LOOK, Rest.HALTED, lane=True)
    return _read_back(scene, terms) if state is BoostState.UNCERTAIN else _boost(scene, terms, now)


def _undo(scene: Scene, now: datetime) -> Verdict:
    asked_at = scene.call.ended_at
    if scene.halt is not None and (asked_at is None or asked_at <= scene.halt.since):
        return Later(now + HALT_LOOK, Rest.HALTED)  # one that was asked since may stand behind it
    return Go(Action.UNDO) if scene.lent else End(None, "the account is not lent any more")


def _read_back(scene: Scene, terms: Terms) -> Verdict:
    api = terms.apis[scene.call.network]
    if not api.reads_back:
        return End(None, "this network cannot be asked whether it was made")
    return Go(Action.READ_BACK) if scene.lent else End(None, "the account is not lent any more")


def _boost(scene: Scene, terms: Terms, now: datetime) -> Verdict:
    if scene.call.mode is Mode.COLLECTIVE:
        return _collective(scene, terms, now)
    return (
        _over(scene, now)
        or _by_hand(scene, terms)
        or _read_again(scene, now)
        or _window(scene, now)
        or (_limits(scene, now) if scene.call.mode is Mode.AUTOMATIC else None)
        or _policy(scene, terms, now)
        or _next_step(scene, terms, now)
    )


def _over(scene: Scene, now: datetime) -> Verdict | None:
    """Say whether the boost is no longer wanted."""
    if ended := _ended(scene, now):
        return ended
    if not scene.volunteer.may_be_asked(now):
        return End(BoostState.CANCELLED, "the volunteer has a break or has left")
    return None


def _ended(scene: Scene, now: datetime) -> Verdict | None:
    if scene.notice.state is not NoticeState.ACTIVE:
        return End(BoostState.CANCELLED, "the notice does not go round any more")
    if scene.call.expires_at is not None and scene.call.expires_at <= now:
        return End(BoostState.EXPIRED, "its time was up")
    return None


def _by_hand(scene: Scene, terms: Terms) -> Verdict | None:
    """Say whether it can only be made by hand: no token, no post there, or the policy has changed."""
    access = scene.access if scene.lent else None
    policy = terms.policies.get(scene.call.network)
    best = (
        mode_for(scene.notice, scene.account, access, policy, scene.post)
        if scene.account is not None
        else Mode.BY_HAND
    )
    wanted = {Mode.AUTOMATIC: {Mode.AUTOMATIC}, Mode.ONE_TAP: {Mode.ONE_TAP, Mode.AUTOMATIC}}
    if best in wanted.get(scene.call.mode, set()):
        return None
    return End(BoostState.ASKED, "it can only be made by hand now")


def _read_again(scene: Scene, now: datetime) -> Verdict | None:
    """Wait for the moderator, even when the volunteer tapped on a page that was older than the report."""
    return Later(now + REPORT_LOOK, Rest.REPORTED) if scene.reported else None


def _window(scene: Scene, now: datetime) -> Verdict | None:
    opened = scene.notice.opened_at
    return Later(opened, Rest.UNDO_WINDOW) if opened is not None and opened > now else None


def _limits(scene: Scene, now: datetime) -> Verdict | None:
    """Hold the volunteer's own limits, by what was really sent."""
    limits = scene.volunteer.limits
    morning, _ = awake(limits, now)
    if morning > now:
        return Later(morning, Rest.QUIET_HOURS, lane=True)
    today = local_day(limits, now)
    if sum(local_day(limits, at) == today for at in scene.sent) >= limits.cap_day:
        return Later(next_day(limits, now), Rest.CAP, lane=True)
    free = max(scene.sent, default=now) + spacing(limits) if scene.sent else now
    return Later(free, Rest.SPACING, lane=True) if free > now else None


def _policy(scene: Scene, terms: Terms, now: datetime) -> Verdict | None:
    """Hold what the policy of the network says of a day and account, and of a post."""
    assert scene.account is not None, "it is lent"
    policy = terms.policies[scene.call.network].at(scene.account.instance)
    return _cap(scene, policy.cap_day, now) or _post_spacing(scene, policy, now)


def _cap(scene: Scene, cap_day: int, now: datetime) -> Verdict | None:
    """Hold the most calls of an account in 24 hours. `cap_day` is at least 1."""
    lately = sorted(at for at in scene.called if at > now - DAY)
    return Later(lately[-cap_day] + DAY, Rest.NETWORK_CAP, lane=True) if len(lately) >= cap_day else None


def _post_spacing(scene: Scene, policy: Policy, now: datetime) -> Verdict | None:
    if scene.post_busy:
        return Later(now + BUSY, Rest.POST_SPACING)
    if scene.post_sent is not None:
        free = scene.post_sent + timedelta(minutes=policy.spacing_min)
        return Later(free, Rest.POST_SPACING) if free > now else None
    return None


def _next_step(scene: Scene, terms: Terms, now: datetime) -> Verdict:
    """Locate the post where that is not known, look at it where that is too long ago, then boost."""
    target = scene.target
    if target is None:
        return Go(Action.LOCATE)
    if target.looked_at is None or not now - terms.fresh <= target.looked_at <= now:
        return Go(Action.LOOK)
    return Go(Action.BOOST)


# ---------- the collective's own account ----------


def _collective(scene: Scene, terms: Terms, now: datetime) -> Verdict:
    """Say what to do for a share of the collective's own account: nobody's hand stands behind it."""
    return (
        _ended(scene, now)
        or _unwanted(scene, terms)
        or _read_again(scene, now)
        or _window(scene, now)
        or _unlabelled(scene, now)
        or _pace(scene, terms, now)
        or (_next_step(scene, terms, now) if scene.post is not None else Go(Action.PUBLISH))
    )


def _unwanted(scene: Scene, terms: Terms) -> Verdict | None:
    """Say whether the account is not connected, or policy or the seeker do not let it share the notice."""
    if scene.account is None or not scene.lent:
        return End(BoostState.CANCELLED, "the collective's account is not connected")
    network = scene.call.network
    policy, publishes = terms.policies.get(network), terms.publishes(network)
    if collective_may(scene.notice, scene.account, policy, scene.post, publishes=publishes):
        return None
    return End(BoostState.CANCELLED, "policy or its seeker do not let the collective's account share it")


def _unlabelled(scene: Scene, now: datetime) -> Verdict | None:
    assert scene.access is not None, "it is connected"
    return Later(now + LABEL_LOOK, Rest.LABEL, lane=True) if scene.access.unlabelled else None


def _pace(scene: Scene, terms: Terms, now: datetime) -> Verdict | None:
    """Hold what the policy says of this account's day and of two shares in a row."""
    assert scene.account is not None, "it is connected"
    policy = terms.policies[scene.call.network].at(scene.account.instance)
    spacing = timedelta(minutes=policy.collective_spacing_min)
    if scene.called and max(scene.called) + spacing > now:
        return Later(max(scene.called) + spacing, Rest.SPACING, lane=True)
    return _cap(scene, policy.collective_cap_day, now) or _post_spacing(scene, policy, now)
