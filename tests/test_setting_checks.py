"""What the settings' values must look like: where own servers are."""

import asyncio

import pytest

from bot.errors import ConfigError
from bot.networks.http import Http, anywhere
from bot.settings import load

NAME = "social.example.org"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("http://[::1]:1", "http://[::1]:1"),
        ("HTTPS://Backend.internal:65535", "https://backend.internal:65535"),
        ("https://10.0.0.5", "https://10.0.0.5"),
        ("https://web_1", "https://web_1"),
    ],
)
def test_where_an_own_server_may_be(given, kept):
    """Loopback by http, anything by https; the client takes whatever the settings let through."""
    found = load(own_servers={NAME.title(): given}).own_servers

    async def opened():
        async with Http(anywhere, own=found):
            pass

    asyncio.run(opened())
    assert found == {NAME: kept}


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:99999",
        "http://127.0.0.1:65536",
        "http://127.0.0.1:0",
        "http://127.0.0.1:",
        "http://127.0.0.1:x",
        "ftp://127.0.0.1",
        "127.0.0.1:3000",
        "http://secret-login:secret-word@127.0.0.1:3000",
        "http://@127.0.0.1",
        "http://127.0.0.1?x=1",
        "http://127.0.0.1/?",
        "http://127.0.0.1#x",
        "http://127.0.0.1/#",
        "http://127.0.0.1:3000/api",
        "http://127.0.0.1//",
        " http://127.0.0.1",
        "http://127.0.0.1 ",
        "http://127.0.0.1\n",
        "http://127.0.0.1\\x",
        "https://",
        "https://.example",
        "https://a..example",
        "https://127.1",
        "https://1.2.3.4.5",
        "https://[::1",
        "https://[1.2.3.4]",
        "https://[fe80::1%25eth0]",
        "https://müller.example",
        "",
    ],
)
def test_where_no_own_server_can_be(url):
    """What is no address ends the start with the entry's name and what to write, and without a password."""
    with pytest.raises(ConfigError, match=rf"{NAME}: write an address like http://127.0.0.1:3000") as refused:
        load(own_servers={NAME: url})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://10.0.0.1", "http://social.example.org", "http://127.0.0.1.example"])
def test_plain_http_is_for_this_machine(url):
    """Tokens go there: over a network only under TLS."""
    with pytest.raises(ConfigError, match=rf"{NAME}: plain http is for this machine \(loopback\) only"):
        load(own_servers={NAME: url})


@pytest.mark.parametrize(
    "name",
    [
        "",
        "https://a.example/",
        "a.example/",
        "a.example:443",
        "a",
        "10.0.0.1",
        "::1",
        " a.example",
        "a.example\n",
        "a..example",
        ".example",
        "a.example.",
        "-a.example",
        "müller.example",
        "a@b.example",
        f"{'a' * 250}.org",
    ],
)
def test_what_is_no_name_of_a_server(name):
    """Only a host's name can be what people call a server."""
    with pytest.raises(
        ConfigError, match=r"own_servers.*write the server's public name, like social\.example"
    ):
        load(own_servers={name: "http://127.0.0.1:3000"})


def test_one_name_twice():
    """Capitals make no other name, and of two addresses neither is chosen in silence."""
    with pytest.raises(ConfigError, match=r"Social\.Example is there twice"):
        load(own_servers={"social.example": "https://10.0.0.1", "Social.Example": "https://10.0.0.2"})
