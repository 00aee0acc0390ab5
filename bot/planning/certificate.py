"""Why somebody did not get one more: the closed set that proves it, and the sentence that says it.

From a request below its demand go to every volunteer who could still take it, from there to every request
these volunteers boost instead, from there on in the same way. When nobody on the way is free, the set is
*closed*: requests F, volunteers N. All that N can give goes to F, and F can take from nobody else; so one
more for the request means one less for another of F, and none of F stands high enough for that. `verify`
checks exactly this. The sets of all requests below their demand together prove that the round is the leximin.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from bot.planning.masks import for_requests, low_bits
from bot.planning.problem import Id, Request, Round, Volunteer, by_id, order


class Certificate(NamedTuple):
    """One closed set, and the requests below their demand that it explains; ids in their order."""

    explains: tuple[Id, ...]
    requests: tuple[Id, ...]
    volunteers: tuple[Id, ...]


def certificates(
    requests: Sequence[Request], volunteers: Sequence[Volunteer], pairs: Mapping[Id, Sequence[Id]]
) -> list[Certificate]:
    """Give, for every request below its demand, the smallest closed set around it; equal sets once.

    Args:
        requests: of the round.
        volunteers: of the round.
        pairs: volunteers by request, as `exact.allocate` gives them.
    """
    requests, volunteers = sorted(requests, key=by_id), sorted(volunteers, key=by_id)
    place = {volunteer.id: j for j, volunteer in enumerate(volunteers)}
    given = [sum(1 << place[v] for v in pairs[request.id]) for request in requests]
    holders = [0] * len(volunteers)
    for i, mask in enumerate(given):
        for j in low_bits(mask):
            holders[j] |= 1 << i
    offers = for_requests(requests, volunteers)
    others = [offer & ~mine for offer, mine in zip(offers, given, strict=True)]

    explained: dict[tuple[int, int], list[Id]] = {}
    known: dict[int, tuple[int, int]] = {}
    # The small sets first: larger ones are put together from them.
    for i in sorted(range(len(requests)), key=lambda i: others[i].bit_count()):
        if given[i].bit_count() < requests[i].demand:
            known[i] = _closed(i, others, holders, known)
            explained.setdefault(known[i], []).append(requests[i].id)
    found = [
        Certificate(
            tuple(sorted(names, key=order)),
            tuple(requests[i].id for i in low_bits(people)),
            tuple(volunteers[j].id for j in low_bits(accounts)),
        )
        for (people, accounts), names in explained.items()
    ]
    return sorted(found, key=lambda certificate: order(certificate.explains[0]))


def _closed(
    start: int, others: Sequence[int], holders: Sequence[int], known: Mapping[int, tuple[int, int]]
) -> tuple[int, int]:
    """Give the requests and volunteers that can be reached from a request, by way of sets that are known."""
    people, accounts = 1 << start, 0
    queue = [start]
    for i in queue:
        fresh = others[i] & ~accounts
        accounts |= fresh
        for j in low_bits(fresh):
            for k in low_bits(holders[j] & ~people):
                if k in known:
                    if known[k][0] >> start & 1:  # each reaches the other: they share one set
                        return known[k]
                    people, accounts = people | known[k][0], accounts | known[k][1]
                else:
                    people |= 1 << k
                    queue.append(k)
    return people, accounts


class Facts(NamedTuple):
    """What a certificate says, in numbers: who could have given, and where it went instead."""

    volunteers: int
    slots: int
    people: int
    """Requests that got something from these volunteers."""
    most: int | None
    """The most boosts that one of them has in the end, earlier ones included; None when weights differ."""
    level: float
    """The highest level among them, which with weights of 1 is `most`."""


def facts(planned: Round, pairs: Mapping[Id, Sequence[Id]], certificate: Certificate) -> Facts:
    """Give the numbers of a certificate."""
    accounts, names = set(certificate.volunteers), set(certificate.requests)
    served = [r for r in planned.requests if r.id in names and not accounts.isdisjoint(pairs[r.id])]
    heights = [(request.received + len(pairs[request.id])) / request.weight for request in served]
    plain = all(request.weight == 1 for request in served)
    level = max(heights, default=Fraction(0))
    return Facts(
        volunteers=len(accounts),
        slots=sum(volunteer.capacity for volunteer in planned.volunteers if volunteer.id in accounts),
        people=len(served),
        most=int(level) if plain else None,
        level=float(level),
    )


def in_words(planned: Round, pairs: Mapping[Id, Sequence[Id]], certificate: Certificate) -> str:
    """Say a certificate in a sentence for the people it explains."""
    found = facts(planned, pairs, certificate)
    if not found.volunteers:
        mine = len(pairs[certificate.explains[0]])
        if mine:
            return f"Every account that fits boosts this ({mine}); each boosts a request only once."
        return "No account of this round fits, or those that fit have boosted this before."
    has = (
        f"{_many(found.volunteers, 'account')} could give one more, directly or by exchange, with {{}} today"
    )
    if not found.slots:
        return has.format("no slot") + "."
    if found.most is not None:
        height = f"at most {_many(found.most, 'boost')} each, earlier ones included"
    else:
        height = f"a level of at most {found.level:.4g} (boosts, earlier ones included, over weight)"
    slots, people = _many(found.slots, "slot"), _many(found.people, "request")
    return f"{has.format(slots)}; all went to {people} with {height}."


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
