"""Where a visitor comes from: the address behind the proxies we trust, as the network that limits count."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import Request

from bot.settings import Settings

IPV6_PREFIX = 64
"""One household or server has at least a whole /64: one address more or less tells nothing."""
HOPS_MOST = 20


def network(request: Request, settings: Settings) -> str:
    """Give the visitor's IPv4 address or IPv6 /64; empty when a trusted proxy does not say who it is.

    Of `X-Forwarded-For` the last address that is not a trusted proxy counts: what stands before it was
    written by the visitor.
    """
    trusted = [ip_network(one, strict=False) for one in settings.trusted_proxies]
    hops = [request.client.host] if request.client else []
    sent = ",".join(request.headers.getlist("x-forwarded-for"))
    hops += reversed([hop.strip() for hop in sent.split(",")[-HOPS_MOST:] if hop.strip()])
    for hop in hops:
        address = _address(hop)
        if address is None:
            return ""
        if not any(address in one for one in trusted):
            return _name(address)
    return ""


def _address(text: str) -> IPv4Address | IPv6Address | None:
    if text.startswith("["):  # some proxies write the port too
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _name(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, IPV6_PREFIX), strict=False))
