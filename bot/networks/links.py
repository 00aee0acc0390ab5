"""Recognising a post's link among the networks that are switched on."""

from collections.abc import Mapping

from bot.model.notice import PostRef
from bot.model.text import N_, Message
from bot.networks.base import LinkRefusedError, Network
from bot.networks.urls import NOT_A_LINK, problem_of


def read_link(url: str, networks: Mapping[str, Network]) -> PostRef:
    """Normalise the link of a post on any of `networks`, tried in their order.

    Raises:
        LinkRefusedError: no network knows it; the message says what to paste instead.
    """
    for network in networks.values():
        if post := network.read_post(url):
            return post
    problem = problem_of(url)
    # An `at://` link is Bluesky's own form, so what is wrong with it is not its scheme.
    raise LinkRefusedError(
        NOT_A_LINK if problem and url.startswith("at://") else problem or _unknown(networks)
    )


def _unknown(networks: Mapping[str, Network]) -> Message:
    *first, last = [network.label for network in networks.values()] or [""]
    if not first:
        return Message(
            N_("We know links of %(name)s; this is none of them. Open your post and copy its link."),
            {"name": last},
        )
    return Message(
        N_(
            "We know links of %(first)s and %(last)s; this is none of them. Open your post and copy its link."
        ),
        {"first": ", ".join(first), "last": last},
    )
