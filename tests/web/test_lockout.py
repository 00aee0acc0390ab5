"""Wrong passwords: whoever guesses has to wait, whoever logs in every day has not."""

from datetime import timedelta

import pytest

from bot.app import App, build
from bot.moderation import lockout
from bot.settings import Settings
from bot.storage import admins as stored
from tests.conftest import NOW
from tests.web.visitor import Visitor

PASSWORD = "seven green bicycles"


@pytest.fixture(scope="module")
def password_hash() -> str:
    """Hash the password once: argon2id is slow on purpose."""
    from bot.trust.passwords import hash_password

    return hash_password(PASSWORD)


@pytest.fixture
def site(app: App, password_hash) -> App:
    """An installation with an admin Camille."""
    app.store.run_write(stored.add, "Camille", password_hash, stored.Role.OPERATOR, NOW)
    return app


def log_in(visitor, name="Camille", password=PASSWORD, at="198.51.100.7"):
    """Send the log-in form from an address."""
    sent = {"name": name, "password": password}
    return visitor.post("/en/admin/login", sent, headers={"x-forwarded-for": at})


def failed(visitor, times, name="Camille", at="198.51.100.7"):
    """Count wrong passwords as the page does, without the quarter of a second that each takes."""
    if not hasattr(visitor.site.state, "lock_out"):
        visitor.site.state.lock_out = lockout.LockOut()
    door = visitor.site.state.lock_out.for_password(name, device="", network=at)
    for _ in range(times):
        door.failed(NOW)


def test_ten_wrong_passwords_lock(site, clock):
    """The tenth wrong password locks for fifteen minutes, for names that do not exist too."""
    visitor = Visitor(site)
    for name in ("Camille", "Nobody"):
        at = {"Camille": "198.51.100.7", "Nobody": "198.51.100.8"}[name]
        failed(visitor, 8, name, at)
        for _ in range(2):
            assert log_in(visitor, name, "wrong", at).status_code == 422
        answer = log_in(visitor, name, at=at)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "900")
        assert "set-cookie" not in answer.headers
    clock.advance(lockout.SPAN)
    assert log_in(visitor).status_code == 303


def test_nobody_locks_out_somebody_else(site):
    """A stranger's guesses hold up neither the known browser nor another network."""
    camille = Visitor(site)
    assert log_in(camille).status_code == 303  # this browser is known from now on
    stranger = Visitor(site)
    stranger.site.state.lock_out = camille.site.state.lock_out
    failed(stranger, 10, at="203.0.113.9")
    assert log_in(stranger, at="203.0.113.9").status_code == 429
    assert log_in(camille, at="203.0.113.9").status_code == 303
    assert log_in(Visitor(site), at="198.51.100.7").status_code == 303


def test_many_networks_are_strangers_together(site, clock):
    """After a hundred wrong passwords in an hour strangers wait anywhere; a known browser does not."""
    camille = Visitor(site)
    log_in(camille)
    door = camille.site.state.lock_out
    clock.advance(timedelta(hours=1))
    for number in range(lockout.STRANGERS_MOST):
        door.for_password("Camille", device="", network=f"2001:db8:{number:x}::/64").failed(clock.now())
    crowd = Visitor(site)
    crowd.site.state.lock_out = door
    assert log_in(crowd, at="192.0.2.44").status_code == 429
    assert log_in(camille, at="192.0.2.44").status_code == 303


def test_one_network_tries_few_names(site):
    """Twenty-five wrong log-ins in five minutes, whatever the names, hold a network up."""
    visitor = Visitor(site)
    for number in range(24):
        failed(visitor, 1, f"name {number}")
    codes = [log_in(visitor, name, "wrong").status_code for name in ("Eve", "Mallory")]
    assert codes == [422, 429]
    assert log_in(visitor, at="198.51.100.8").status_code == 303


def test_a_made_up_device_is_a_stranger(site):
    """A device cookie that we did not sign opens no door of its own; ours does, for its own name only."""
    visitor = Visitor(site)
    log_in(visitor)
    real = visitor.cookies["device"]
    failed(visitor, 10)
    failed(visitor, 10, "Lise")
    for forged in ("x.y", real[:-1] + ("0" if real[-1] != "0" else "1"), "?" * 50, ".", real.split(".")[0]):
        visitor.cookies.set("device", forged)
        assert log_in(visitor).status_code == 429
        visitor.forget()
    visitor.cookies.set("device", real)
    assert log_in(visitor, "Lise").status_code == 429
    assert log_in(visitor).status_code == 303


@pytest.mark.parametrize(
    ("sent", "peer", "counted"),
    [
        ("203.0.113.5", "127.0.0.1", "203.0.113.5"),
        ("6.6.6.6, 203.0.113.5", "127.0.0.1", "203.0.113.5"),
        ("203.0.113.5, 10.0.0.2", "127.0.0.1", "203.0.113.5"),
        ("203.0.113.5", "192.0.2.1", "192.0.2.1"),
        ("", "127.0.0.1", ""),
        ("unknown", "127.0.0.1", ""),
        ("_hidden:4711", "127.0.0.1", ""),
        ("[]:80", "127.0.0.1", ""),
        ("6.6.6.6:1, 203.0.113.5:4711, 10.0.0.2:443", "127.0.0.1", "203.0.113.5"),
        ("fe80::1%eth0", "127.0.0.1", "fe80::/64"),
        ("[::ffff:203.0.113.5]:4711", "127.0.0.1", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "127.0.0.1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "127.0.0.1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.5", "127.0.0.1", "203.0.113.5"),
        ("203.0.113.5:40123", "127.0.0.1", "203.0.113.5"),
        ("[2001:db8:1:2::1]:40123", "127.0.0.1", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::1]", "127.0.0.1", "2001:db8:1:2::/64"),
        ("10.0.0.2:80, 127.0.0.1", "127.0.0.1", ""),
        ("<script>", "127.0.0.1", ""),
        ("1.2.3.4," * 500 + "203.0.113.5", "127.0.0.1", "203.0.113.5"),
    ],
)
def test_who_is_counted(tmp_path, sent, peer, counted):
    """The last address that no trusted proxy owns counts, IPv6 by its /64; strangers' headers do not."""
    from starlette.requests import Request

    from bot.web import client

    settings = Settings(data_dir=tmp_path, trusted_proxies=("127.0.0.1", "10.0.0.0/8"), _env_file=None)
    headers = [(b"x-forwarded-for", sent.encode())] if sent else []
    request = Request({"type": "http", "client": (peer, 1), "headers": headers})
    assert client.network(request, settings) == counted


def test_a_wrong_proxy_stops_the_start(tmp_path):
    """A setting that is no address or network is named at the start."""
    from bot.errors import ConfigError
    from bot.settings import load

    with pytest.raises(ConfigError, match="trusted_proxies"):
        load(data_dir=tmp_path, trusted_proxies=("example.org",))


def test_the_site_answers_while_passwords_are_checked(tmp_path, clock, password_hash):
    """Log-ins that queue for argon2id hold up no page: the database's readers do not wait for them."""
    import asyncio

    import httpx

    app = build(Settings(data_dir=tmp_path / "busy", _env_file=None), clock=clock)
    app.store.run_write(stored.add, "Camille", password_hash, stored.Role.OPERATOR, NOW)
    visitor = Visitor(app)

    async def crowd() -> tuple[int, list[int]]:
        transport = httpx.ASGITransport(app=visitor.site)
        async with httpx.AsyncClient(transport=transport, base_url=visitor.base) as client:
            await client.get("/en/find")
            logins = [
                asyncio.create_task(
                    client.post("/en/admin/login", data={"name": f"n{n}", "password": "wrong"}, timeout=60)
                )
                for n in range(16)
            ]
            await asyncio.sleep(0.05)
            await client.get("/en/find")
            before = sum(login.done() for login in logins)
            return before, [answer.status_code for answer in await asyncio.gather(*logins)]

    before, answers = asyncio.run(crowd())
    app.close()
    assert set(answers) == {422}
    assert before < len(answers) / 2  # counted, not timed: a busy machine is slow at both
