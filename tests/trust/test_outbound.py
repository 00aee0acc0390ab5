"""The gate to other machines: addresses, names, URLs and names that change their address (TRUST 3.4)."""

import asyncio

import pytest

from bot.networks.http import Http, NotSentError
from bot.trust.outbound import PublicOnly, is_public

ADDRESSES = """
127.0.0.1 127.255.255.254 10.1.2.3 172.31.255.255 192.168.0.1 169.254.169.254 100.64.0.1 0.0.0.0 0.1.2.3
192.0.0.8 192.0.2.1 198.18.0.1 224.0.0.1 240.0.0.1 255.255.255.255 192.88.99.1 203.0.113.7 198.51.100.9
192.31.196.1 192.52.193.1 192.175.48.1
::1 :: ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:100.64.0.1 ::7f00:1 ::10.0.0.1
64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b::6440:1 64:ff9b:1::1 2002:7f00:1:: 2002:a9fe:a9fe:: 2002:a00:1::1
2001::1 2001:0:7f00:1::1 2001:10::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1 2001:db8::1
3fff::1 100::1 100:0:0:1::1 5f00::1 2620:4f:8000::1
::ffff:0:127.0.0.1 ::ffff:0:a9fe:a9fe ::1:7f00:1 1::1 4000::1 e000::1
"""
NOT_PUBLIC = ADDRESSES.split()
PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a01:e0a::1", "64:ff9b::808:808"]

URLS = """
https://meta.example.fr/ https://mixed.example.fr/ http://ok.example.fr/ https://ok.example.fr:22/
https://ok.example.fr:8443/ https://127.0.0.1/ https://127.1/ https://2130706433/ https://0x7f000001/
https://0177.0.0.1/ https://[::1]/ https://[::ffff:127.0.0.1]/ https://[64:ff9b::7f00:1]/ https://localhost/
https://localhost./ https://foo.internal/ https://printer.local/ https://1.0.0.127.in-addr.arpa/
https://user:pw@ok.example.fr/ https://ok.example.fr@169.254.169.254/ https://①②⑦.0.0.1/ https://127。0。0。1/
https://8.8.8.8/ https://none.example.fr/ https://nowhere.example.fr/ https://router.lan/ https://a.onion/
ftp://ok.example.fr/ file:///etc/passwd gopher://ok.example.fr/ https:///etc https://ok.example.fr.localhost/
"""
FORBIDDEN_URLS = URLS.split()

NAMES = {
    "ok.example.fr": ["93.184.216.34"],
    "meta.example.fr": ["169.254.169.254"],
    "mixed.example.fr": ["93.184.216.34", "10.0.0.5"],
    "none.example.fr": [],
}


async def resolve(host: str, _port: int) -> list[str]:
    """Answer from NAMES."""
    if host not in NAMES:
        raise OSError("no such name")
    return NAMES[host]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_address_that_is_not_public(address):
    """No special-purpose address passes, nor one that carries such an IPv4 address inside."""
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_address_that_is_public(address):
    """Addresses of the public internet pass, by NAT64 too."""
    assert is_public(address)


@pytest.mark.parametrize("url", FORBIDDEN_URLS)
def test_url_that_is_not_called(url):
    """Every odd spelling, name, port and scheme ends before a connection."""

    async def go():
        async with Http(PublicOnly(resolve)) as http:
            await http.request("GET", url)

    with pytest.raises(NotSentError):
        asyncio.run(go())


def test_public_name_gives_its_checked_addresses():
    """A public name on HTTPS gives exactly the addresses that were checked."""
    assert asyncio.run(PublicOnly(resolve)("https", "ok.example.fr", 443)) == ["93.184.216.34"]


@pytest.mark.parametrize(
    ("scheme", "host", "port"),
    [
        ("http", "ok.example.fr", 443),
        ("https", "ok.example.fr", 8443),
        ("https", "printer.internal", 443),
        ("https", "PRINTER.Internal.", 443),
        ("https", "localhost", 443),
        ("https", "localhost.", 443),
        ("https", "127.1", 443),
        ("https", "2130706433", 443),
    ],
)
def test_a_public_answer_does_not_make_a_name_public(scheme, host, port):
    """Each single thing that is wrong is enough, whatever addresses the name is said to have."""

    async def fooled(_host: str, _port: int) -> list[str]:
        return ["93.184.216.34"]

    with pytest.raises(PermissionError, match=r"only HTTPS on its own port|is not a public name"):
        asyncio.run(PublicOnly(fooled)(scheme, host, port))


def test_name_that_changes_its_address_gains_nothing():
    """Each request asks the name once: the second answer, loopback, is refused, never connected to."""
    asked = []

    async def rebind(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]

    gate = PublicOnly(rebind)
    assert asyncio.run(gate("https", "rebind.example.fr", 443)) == ["93.184.216.34"]

    async def go():
        async with Http(gate) as http:
            await http.request("GET", "https://rebind.example.fr/")

    with pytest.raises(NotSentError, match="not a public host"):
        asyncio.run(go())
    assert len(asked) == 2


def test_the_lists_are_long_enough():
    """At least 37 addresses and 23 URLs are tried (TRUST 6, row 21)."""
    assert len(NOT_PUBLIC) >= 37
    assert len(FORBIDDEN_URLS) >= 23
