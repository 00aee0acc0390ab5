"""Doors: whose wrong answers close which, and for how long."""

from datetime import timedelta

from bot.moderation import lockout
from tests.clocks import NOW

HERE, THERE = "198.51.100.7", "203.0.113.9"
SECOND = timedelta(seconds=1)


def wrong(door: lockout.Door, times: int, at=NOW) -> None:
    """Count wrong answers."""
    for _ in range(times):
        door.failed(at)


def test_the_tenth_wrong_password_closes_the_door():
    """Nine leave it open, the tenth closes it for fifteen minutes to the second."""
    doors = lockout.LockOut()
    door = doors.for_password("Camille", device="", network=HERE)
    wrong(door, 9)
    assert door.wait(NOW) == timedelta(0)
    wrong(door, 1)
    assert door.wait(NOW) == lockout.SPAN
    assert door.wait(NOW + lockout.SPAN - SECOND) == SECOND
    assert door.wait(NOW + lockout.SPAN) == timedelta(0)
    assert doors.for_password("Camille", device="", network=THERE).wait(NOW) == timedelta(0)


def test_the_right_answer_forgets_the_wrong_ones():
    """After a good log-in there are ten tries again."""
    door = lockout.LockOut().for_password("Camille", device="", network=HERE)
    wrong(door, 9)
    door.passed()
    wrong(door, 9)
    assert door.wait(NOW) == timedelta(0)


def test_a_known_browser_has_a_door_of_its_own():
    """Strangers' guesses do not close it, its own do, and those count for no stranger."""
    doors = lockout.LockOut()
    wrong(doors.for_password("Camille", device="", network=HERE), 10)
    known = doors.for_password("Camille", device="d1", network=HERE)
    assert known.wait(NOW) == timedelta(0)
    wrong(known, 10)
    assert known.wait(NOW) == lockout.SPAN
    assert doors.for_password("Camille", device="d2", network=HERE).wait(NOW) == timedelta(0)
    assert doors.for_password("Camille", device="", network=THERE).wait(NOW) == timedelta(0)


def test_a_network_that_nobody_knows_is_one_stranger():
    """Behind a proxy that says nothing all share one door for a name, and no limit of a network."""
    doors = lockout.LockOut()
    for number in range(lockout.NETWORK_MOST * 2):
        wrong(doors.for_password(f"name {number}", device="", network=""), 1)
    door = doors.for_password("Camille", device="", network="")
    assert door.wait(NOW) == timedelta(0)
    wrong(door, 10)
    assert door.wait(NOW) == lockout.SPAN


def test_one_network_tries_twenty_five_names():
    """The twenty-fifth wrong answer in five minutes holds the network, not others."""
    doors = lockout.LockOut()
    for number in range(lockout.NETWORK_MOST):
        assert doors.for_password(f"name {number}", device="", network=HERE).wait(NOW) == timedelta(0)
        wrong(doors.for_password(f"name {number}", device="", network=HERE), 1)
    assert doors.for_password("other", device="", network=HERE).wait(NOW) == lockout.NETWORK_PER
    assert doors.for_password("other", device="", network=THERE).wait(NOW) == timedelta(0)


def test_all_strangers_have_a_hundred_tries_an_hour():
    """Spread over networks, the hundredth wrong password for a name closes it to strangers for the hour."""
    doors = lockout.LockOut()
    for number in range(lockout.STRANGERS_MOST):
        door = doors.for_password("Camille", device="", network=f"2001:db8:{number:x}::/64")
        assert door.wait(NOW) == timedelta(0)
        wrong(door, 1)
    assert doors.for_password("Camille", device="", network=HERE).wait(NOW) == lockout.STRANGERS_PER
    assert doors.for_password("Sofia", device="", network=HERE).wait(NOW) == timedelta(0)
    assert doors.for_password("Camille", device="d1", network=HERE).wait(NOW) == timedelta(0)


def test_codes_have_doors_of_their_own():
    """Ten wrong codes close an admin's door; passwords, other admins and known browsers are not touched."""
    doors = lockout.LockOut()
    door = doors.for_code(1, device="")
    wrong(door, 10)
    assert door.wait(NOW) == lockout.SPAN
    assert doors.for_code(1, device="d1").wait(NOW) == timedelta(0)
    assert doors.for_code(2, device="").wait(NOW) == timedelta(0)
    assert doors.for_password("1", device="", network="").wait(NOW) == timedelta(0)


def test_a_name_is_one_however_it_is_typed():
    """Case, spaces and composition make no other door; another name does, and length does not matter."""
    assert (
        len({lockout.fold(one) for one in ("Zoé  Martin", " zoé martin", "ZOÉ\tMARTIN", "ZOE\u0301 Martin")})
        == 1
    )
    assert lockout.fold("Zoe") != lockout.fold("Zoé")
    assert lockout.fold("x" * 200 + "a") == lockout.fold("x" * 200 + "b")
