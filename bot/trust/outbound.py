"""Which machines may be called when a person named the host: public ones by HTTPS, checked after DNS.

The gate of `bot.networks.http.Http`: what it gives is what is connected to, so a name that changes its
address between the check and the connection gains nothing.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable

Resolve = Callable[[str, int], Awaitable[Iterable[str]]]
"""Gives the addresses of (host, port); raises OSError when it has none."""
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IANA's special-purpose registries for IPv4 and IPv6, multicast and site-local included. `is_private` alone
# lets 14 of the 37 addresses of the tests through, `is_global` alone 13.
_SPECIAL = """
0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24
203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
::/128 ::1/128 64:ff9b:1::/48 100::/63 2001::/23 2001:db8::/32 2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7
fe80::/10 fec0::/10 ff00::/8
"""
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
"""All of IPv6 that anybody was given (RFC 4291, IANA): beyond it lie translated and future addresses."""
_NOT_PUBLIC = tuple(ipaddress.ip_network(block) for block in _SPECIAL.split())
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")
_LOCAL = (".local", ".localhost", ".internal", ".home.arpa", ".lan", ".onion", ".arpa")
_IPV4_MASK = 0xFFFFFFFF


def is_public(address: str) -> bool:
    """Whether an IP address, and the IPv4 address an IPv6 one may carry inside, is on the public internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if any(found in block for block in _NOT_PUBLIC if block.version == found.version):
        return False
    inside = _carried(found)
    if inside is not None:
        return is_public(str(inside))
    return isinstance(found, ipaddress.IPv4Address) or found in _GIVEN_OUT


def _carried(address: _Address) -> ipaddress.IPv4Address | None:
    """Give the IPv4 address that a mapped, compatible, NAT64, 6to4 or Teredo address leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64 or address in _COMPATIBLE:
        return ipaddress.IPv4Address(int(address) & _IPV4_MASK)
    return address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])


async def look_up(host: str, port: int) -> list[str]:
    """Ask the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class PublicOnly:
    """A gate: HTTPS on port 443, a name and not an address, and only when every address it has is public."""

    def __init__(self, resolve: Resolve = look_up) -> None:
        self._resolve = resolve

    async def __call__(self, scheme: str, host: str, port: int) -> list[str]:
        """Give the host's addresses in the resolver's order.

        Raises:
            PermissionError: the host must not be called.
            OSError: the name has no address.
        """
        _check_name(scheme, host, port)
        addresses = list(dict.fromkeys(await self._resolve(host, port)))
        if not addresses or not all(is_public(address) for address in addresses):
            message = f"{host} is not a public host"
            raise PermissionError(message)
        return addresses


def _check_name(scheme: str, host: str, port: int) -> None:
    name = host.rstrip(".").lower()
    if scheme != "https" or port != 443:  # noqa: PLR2004  https
        message = "only HTTPS on its own port"
        raise PermissionError(message)
    if "." not in name or name.endswith(_LOCAL) or _is_literal(name):
        message = f"{host} is not a public name"
        raise PermissionError(message)


def _is_literal(name: str) -> bool:
    """Whether the C library would read the name as an address: `127.1`, `0x7f000001`, `2130706433`, `::1`."""
    try:
        socket.inet_aton(name)
    except OSError:
        pass
    else:
        return True
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
