"""The daemon is killed after every step of the story; nothing is lost and nothing is doubled."""

import json
import signal
import time

from tests.acceptance.daemon import Daemon
from tests.acceptance.visitor import Visitor

QUICK = {"undo_s": "0", "notice_spacing_min": "0", "plan_every_s": "1"}
NOTICE = {
    "title": "Soudeur TIG",
    "place": "Saint-Nazaire",
    "contract": "permanent",
    "text": "Dix ans de chantier naval.",
    "has_post": "yes",
    "link": "https://x.com/moussa/status/1234567890123456789",
    "name": "Moussa",
    "consent": "1",
}


def kill_and_restart(one: Daemon) -> None:
    """End the daemon as a power cut would, and start it again."""
    code, _ = one.stop(signal.SIGKILL)
    assert code == -signal.SIGKILL
    one.start()


def facts(one: Daemon) -> tuple[list[dict], list[dict], list[dict]]:
    """Give what the database holds: notices, volunteers, boosts."""
    return tuple(
        json.loads(one.bot(what, "list", "--json").stdout) for what in ("notices", "volunteers", "boosts")
    )  # type: ignore[return-value]


def wait_for_boost(visitor: Visitor, inbox: str) -> str:
    """Reload the inbox until a card is there; give the link of its strip."""
    for _ in range(60):
        visitor.open(inbox)
        for link in visitor.links():
            if link.startswith("https://x.com/intent/retweet"):
                return link
        time.sleep(0.5)
    message = f"no boost came: {visitor.page.text[:3000]}"
    raise AssertionError(message)


def test_killed_after_every_step(daemon, visit):
    """Notice, set-up, decision, roster, ask, declaration and end each survive a SIGKILL, once each."""
    one = daemon(**QUICK).start()
    setup = one.setup_link()
    seeker, moderator, volunteer = visit(one.url), visit(one.url), visit(one.url)

    seeker.open("/fr/")
    time.sleep(2.1)
    seeker.send(**NOTICE)
    status = seeker.path
    assert status.startswith("/fr/n/")
    kill_and_restart(one)

    moderator.open(setup)
    if moderator.page.status_code != 200:  # a start without any admin makes a new link; the old one is dead
        moderator.open(one.setup_link())
    moderator.send(name="Camille", password="correct horse battery", again="correct horse battery")
    kill_and_restart(one)

    moderator.open("/fr/admin")
    moderator.send(where="/admin/case/1", button=("verdict", "accept"))
    kill_and_restart(one)

    volunteer.open("/fr/join")
    time.sleep(2.1)
    volunteer.send(
        name="Samir", network="x", **{"handle-x": "samir_demo"}, quiet="no", charter="1", consent="1"
    )
    inbox = volunteer.path
    assert inbox.startswith("/fr/inbox/")
    kill_and_restart(one)

    assert "tweet_id=1234567890123456789" in wait_for_boost(volunteer, inbox)
    kill_and_restart(one)

    volunteer.http.post(f"{inbox}/boosts/1/opened").raise_for_status()  # the page's beacon
    kill_and_restart(one)
    volunteer.open(inbox)
    volunteer.send(where="/boosts/1/done")
    assert volunteer.page.status_code == 200, volunteer.page.text
    kill_and_restart(one)

    seeker.open(status)
    assert "1 relais sur 12" in seeker.page.text.replace("\u00a0", " ")
    seeker.open(f"{status}/found")
    seeker.send(where="/found")
    kill_and_restart(one)

    (notice,), (person,), (boost,) = facts(one)
    assert (notice["state"], notice["close_reason"]) == ("closed", "found_job")
    assert person["state"] == "active"
    assert boost["state"] == "declared"
    assert one.bot("doctor").returncode == 0
