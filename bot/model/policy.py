"""What a network, an instance and the operator allow: policy as data. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.model.boost import Mode
from bot.model.notice import Consent, Notice, PostRef
from bot.model.volunteer import Access, Account


@dataclass(frozen=True, slots=True)
class Rule:
    """A bound that a network sets to its operator's policy, with what it stands on.

    `key` is a key of the policy's file (`cap_day`, `consent.automatic`, `modes`); `only` lists the values
    allowed, `most` and `least` bound a number.
    """

    key: str
    says: str
    source: str
    only: tuple[str, ...] | None = None
    most: int | None = None
    least: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What is allowed on one network, its instances' own rules beside it.

    `modes` are those in use; `consent` is the least consent each of them needs; `cap_day` is the most boosts
    by the API a day and account, `spacing_min` the least minutes between two boosts of one post. What begins
    with `collective_` bounds the collective's own account: shares in 24 hours, minutes between two.
    """

    network: str
    modes: frozenset[Mode]
    consent: Mapping[Mode, Consent]
    cap_day: int
    spacing_min: int
    instances: Mapping[str, "Policy"] = field(default_factory=dict)
    collective_cap_day: int = 0
    collective_spacing_min: int = 0

    def at(self, instance: str) -> "Policy":
        """Give the policy of an instance: its own where it has one, else the network's."""
        return self.instances.get(instance, self)

    def modes_for(self, consent: Consent, instance: str = "") -> frozenset[Mode]:
        """Give the modes in which a notice with this consent may be boosted from or on an instance."""
        here = self.at(instance)
        return frozenset(
            mode
            for mode in here.modes
            if consent is Consent.ASKED or here.consent.get(mode, Consent.ASKED) is Consent.FOUND
        )


Policies = Mapping[str, Policy]
"""By the name of the network."""
NO_POLICIES: Policies = MappingProxyType({})


def allows_collective(policies: Policies) -> bool:
    """Whether an account of the collective's own may share anywhere."""
    every = [one for policy in policies.values() for one in (policy, *policy.instances.values())]
    return any(Mode.COLLECTIVE in one.modes for one in every)


def instance_of(post: PostRef) -> str:
    """Give the instance of a post's author, empty where the network has none."""
    return post.author.rpartition("@")[2] if "@" in post.author else ""


def modes_of(notice: Notice, policies: Policies) -> frozenset[Mode]:
    """Give the modes in which a notice may be boosted at all, whichever account does it.

    A notice without a post is a form's, and goes round by its share page: consent is given, all modes stand.
    Of several posts each must allow a mode.
    """
    if notice.consent is Consent.ASKED:
        return frozenset(Mode)
    found = frozenset({Mode.BY_HAND})  # whatever a file says: a hashtag is no consent to more
    for post in notice.posts:
        policy = policies.get(post.network)
        found &= policy.modes_for(notice.consent, instance_of(post)) if policy else frozenset()
    return found


def mode_for(
    notice: Notice, account: Account, access: Access | None, policy: Policy | None, post: PostRef | None
) -> Mode:
    """Give how a boost of a notice by an account is made: the most that its volunteer and the network allow.

    Args:
        notice: what is boosted.
        account: the one that boosts.
        access: what its volunteer allows; None or lost: their own taps only.
        policy: of the account's network; None: nothing beyond a tap.
        post: of the notice on that network; None: its share page is posted, which only a person does.
    """
    if access is None or access.lost_at is not None or policy is None or post is None:
        return Mode.BY_HAND
    here = policy.modes_for(notice.consent, account.instance)
    both = here & policy.modes_for(notice.consent, instance_of(post))
    if policy.at(account.instance).cap_day < 1:
        return Mode.BY_HAND
    wanted = (Mode.AUTOMATIC, Mode.ONE_TAP) if access.mode is Mode.AUTOMATIC else (access.mode,)
    return next((mode for mode in wanted if mode in both), Mode.BY_HAND)


def collective_may(
    notice: Notice, account: Account, policy: Policy | None, post: PostRef | None, *, publishes: bool
) -> bool:
    """Whether the collective's own account may share a notice: by its post, or by publishing its words.

    Args:
        notice: its seeker must have asked, and not have left this account out.
        account: the collective's.
        policy: of the account's network.
        post: of the notice on that network; None: its words would be published, where it has no post at all.
        publishes: whether that can be done on this network.
    """
    if policy is None or notice.consent is not Consent.ASKED or not notice.by_collective:
        return False
    if post is None and (notice.posts or not publishes):
        return False
    modes = policy.modes_for(notice.consent, account.instance)
    if post is not None:
        modes &= policy.modes_for(notice.consent, instance_of(post))
    return Mode.COLLECTIVE in modes and policy.at(account.instance).collective_cap_day > 0
