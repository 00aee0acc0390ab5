"""What admins read for the codes of states, acts and ticks. A code without words here is shown as it is."""

from collections.abc import Mapping

from bot.locale import NB
from bot.locale.formats import number
from bot.model.boost import BoostState, Mode
from bot.model.lane import Rest
from bot.model.lending import Trouble
from bot.model.notice import CloseReason, Notice, NoticeState
from bot.model.text import N_, Message
from bot.model.volunteer import VolunteerState

NOTICE_STATES: dict[str, str] = {
    NoticeState.PENDING: N_("To read"),
    NoticeState.ASKED: N_("Change asked for"),
    NoticeState.ACTIVE: N_("Going round"),
    NoticeState.PAUSED: N_("Paused"),
    NoticeState.CLOSED: N_("Ended"),
}
CLOSE_REASONS: dict[str, str] = {
    CloseReason.FOUND_JOB: N_("Found a job"),
    CloseReason.WITHDRAWN: N_("Withdrawn"),
    CloseReason.EXPIRED: N_("Round over"),
    CloseReason.REFUSED: N_("Refused"),
    CloseReason.SOURCE_GONE: N_("Post gone"),
}
VOLUNTEER_STATES: dict[str, str] = {
    VolunteerState.ACTIVE: N_("Available"),
    VolunteerState.PAUSED: N_("On a break"),
    VolunteerState.LEFT: N_("Left"),
    VolunteerState.COLLECTIVE: N_("The collective’s own account"),
}
BOOST_STATES: dict[str, str] = {
    BoostState.PLANNED: N_("Planned"),
    BoostState.ASKED: N_("Asked"),
    BoostState.OPENED: N_("Opened, not confirmed"),
    BoostState.DECLARED: N_("Shared"),
    BoostState.SKIPPED: N_("Passed on"),
    BoostState.EXPIRED: N_("No answer"),
    BoostState.CANCELLED: N_("Taken back"),
    BoostState.DUE: N_("Due"),
    BoostState.SENDING: N_("Being sent"),
    BoostState.UNCERTAIN: N_("Outcome unknown"),
    BoostState.VERIFIED: N_("Shared by the bot"),
    BoostState.FAILED: N_("Failed"),
    BoostState.UNDOING: N_("Being undone"),
    BoostState.UNDONE: N_("Undone"),
}
RESTS: dict[str, str] = {  # what calls wait for
    Rest.HALTED: N_("everything is stopped"),
    Rest.REPORTED: N_("a moderator reads the notice again"),
    Rest.UNDO_WINDOW: N_("the decision can still be undone"),
    Rest.QUIET_HOURS: N_("quiet hours"),
    Rest.CAP: N_("the volunteer’s shares of the day are made"),
    Rest.SPACING: N_("the last share was a short while ago"),
    Rest.NETWORK_CAP: N_("the policy’s most for a day and account"),
    Rest.POST_SPACING: N_("the post was shared a short while ago"),
    Rest.LIMIT: N_("a limit that the network publishes"),
    Rest.RATE_LIMITED: N_("the network said to wait"),
    Rest.BUDGET: N_("the budget is used up"),
    Rest.UNAVAILABLE: N_("the network was away"),
    Rest.ACCESS_REFUSED: N_("the token was refused; it is tried again"),
    Rest.BREAKER: N_("many tokens were refused at once; one tries for all"),
    Rest.QUIET_PERIOD: N_("nobody knows whether it was made; the network is asked then"),
    Rest.LABEL: N_("the collective’s account does not say that a program runs it"),
    Rest.UNUSED: N_("its network is not called with the settings there are: put it back until this is done"),
    Rest.DAMAGED: N_("what is kept for it cannot be read, as the program’s log says; it is tried again"),
}
MODES: dict[str, str] = {
    Mode.BY_HAND: N_("by hand"),
    Mode.ONE_TAP: N_("one tap"),
    Mode.AUTOMATIC: N_("automatic"),
    Mode.COLLECTIVE: N_("the collective’s own account"),
}
TROUBLES: dict[str, str] = {
    Trouble.REFUSED: N_(
        "The network did not give us a key: you said no there, or were logged in with another account. "
        "Nothing is connected."
    ),
    Trouble.PASSWORD: N_(
        "The network does not accept this app password. Make a new one there and paste it whole."
    ),
    Trouble.OTHER_ACCOUNT: N_(
        "Another account said yes than this one. Log in there with this account, then begin again."
    ),
    Trouble.NOT_ALLOWED: N_("This way of sharing is not allowed here any more. By hand goes on as before."),
    Trouble.UNAVAILABLE: N_("The network did not answer. Nothing is connected; begin again in some minutes."),
    Trouble.CUT_OFF: N_("We were cut off in the middle of it. Nothing is connected; begin again."),
}
"""Why lending an account did not come about, as its volunteer reads it."""
ACTORS: dict[str, str] = {
    "admin": N_("Admin %(id)s"),
    "seeker": N_("Seeker %(id)s"),
    "volunteer": N_("Volunteer %(id)s"),
    "daemon": N_("The bot"),
    "cli": N_("Command line"),
    "visitor": N_("A visitor"),
}
SOMEBODY: dict[str, str] = {  # of whom no number was kept
    "admin": N_("An admin"),
    "seeker": N_("A seeker"),
    "volunteer": N_("A volunteer"),
}
SUBJECTS: dict[str, str] = {
    "notice": N_("Notice %(id)s"),
    "seeker": N_("Seeker %(id)s"),
    "volunteer": N_("Volunteer %(id)s"),
    "boost": N_("Share %(id)s"),
    "admin": N_("Admin %(id)s"),
    "halt": N_("Stop %(id)s"),
}
TICKS: dict[str, str] = {
    "plan": N_("Plan who shares what"),
    "prove": N_("Prove who could have more"),
    "ask": N_("Ask for the shares that are due"),
    "sweep": N_("End what is over"),
    "retain": N_("Erase what is past its date"),
    "backup": N_("Back up the database"),
    "ping": N_("Tell the watchman that all is well"),
}
RESULTS: dict[str, str] = {
    "planned": N_("planned"),
    "kept": N_("kept"),
    "dropped": N_("given up"),
    "unserved": N_("without any"),
    "asked": N_("asked"),
    "proved": N_("proved"),
    "changed": N_("rewritten"),
    "expired": N_("without an answer"),
    "mended": N_("accounts with a wrong wake-up time, mended"),
    "overdue": N_("rounds ended"),
    "back": N_("back to moderation"),
    "forgotten": N_("forgotten"),
    "found_ended": N_("found posts forgotten"),
    "noted": N_("noted for erasure"),
    "own": N_("for the collective’s own account"),
    "file": N_("file"),
}
WHO: dict[str, str] = {
    "admin": N_("Admins"),
    "seeker": N_("Seekers"),
    "volunteer": N_("Volunteers"),
    "daemon": N_("The bot"),
    "cli": N_("Command line"),
}
ACTIONS: dict[str, str] = {
    "notice.": N_("Everything about notices"),
    "volunteer.": N_("Everything about volunteers"),
    "boost.": N_("Everything about shares"),
    "admin.": N_("Everything about admins"),
    "access.": N_("Everything about lent accounts"),
    "collective.": N_("Everything about the collective’s own account"),
    "collective.connected": N_("The collective’s account connected"),
    "collective.disconnected": N_("The collective’s account disconnected"),
    "collective.labelled": N_("The collective’s account says again that a program runs it"),
    "collective.removed": N_("What the collective’s account made removed by hand"),
    "collective.unlabelled": N_("The collective’s account does not say that a program runs it"),
    "watch.": N_("Everything about watching"),
    "watch.missed": N_("Could not read everything back"),
    "notice.received": N_("Notice received"),
    "notice.found": N_("Post found"),
    "notice.mentioned": N_("Asked for by a mention"),
    "notice.confirmed": N_("Confirmed by its author"),
    "notice.policy_changed": N_("Back to moderation: the policy changed"),
    "notice.forgotten": N_("Found post forgotten"),
    "notice.accepted": N_("Notice accepted"),
    "notice.accepted_fixed": N_("Notice accepted with a correction"),
    "notice.change_asked": N_("Change asked for"),
    "notice.postponed": N_("Put aside for later"),
    "notice.refused": N_("Notice refused"),
    "notice.decision_undone": N_("Decision taken back"),
    "notice.contested": N_("Refusal contested"),
    "notice.reported": N_("Notice reported"),
    "notice.changed": N_("Notice changed"),
    "notice.paused": N_("Notice paused"),
    "notice.resumed": N_("Notice resumed"),
    "notice.renewed": N_("Another round asked for"),
    "notice.withdrawn": N_("Notice withdrawn"),
    "notice.expired": N_("Round over"),
    "notice.found_job": N_("Found a job"),
    "notice.found_job_undone": N_("Found a job, taken back"),
    "notice.kept": N_("Kept longer"),
    "notice.collective_left_out": N_("The collective’s account left out"),
    "notice.collective_let": N_("The collective’s account let in again"),
    "notice.name_hidden": N_("Name no longer shown"),
    "seeker.erased": N_("Seeker erased"),
    "notice.link_issued": N_("New link to the notice"),
    "form.closed": N_("Form closed"),
    "form.opened": N_("Form opened"),
    "volunteer.joined": N_("Volunteer joined"),
    "volunteer.settings_changed": N_("Settings changed"),
    "volunteer.paused": N_("Volunteer on a break"),
    "volunteer.resumed": N_("Break over"),
    "volunteer.link_renewed": N_("New inbox link"),
    "volunteer.left": N_("Volunteer left"),
    "boost.undo_asked": N_("Asked to be taken back by its volunteer"),
    "access.given": N_("Account lent"),
    "access.mode_changed": N_("Account lent in another way"),
    "access.ended": N_("Account no longer lent"),
    "access.idle": N_("Account no longer lent: ninety days without use"),
    "access.revoked": N_("Key given back to the network"),
    "access.key_lost": N_("Token given up: no key opens it any more"),
    "access.unopened": N_("Left as it was when the key changed: no key opens it"),
    "access.not_revoked": N_("Key erased; the network never took it back"),
    "boost.asked": N_("Share asked for"),
    "boost.opened": N_("Network opened"),
    "boost.declared": N_("Shared"),
    "boost.skipped": N_("Passed on"),
    "boost.expired": N_("No answer in time"),
    "boost.undone": N_("Answer taken back"),
    "boost.due": N_("Share due"),
    "boost.tapped": N_("Share asked of the bot"),
    "boost.verified": N_("Shared by the bot"),
    "boost.uncertain": N_("Outcome of a share unknown"),
    "boost.failed": N_("Share failed"),
    "boost.retried": N_("Share tried anew"),
    "boost.by_hand": N_("Share to be made by hand"),
    "boost.cancelled": N_("Share cancelled"),
    "boost.taken_back": N_("Share undone by the bot"),
    "admin.link_made": N_("Set-up link made"),
    "admin.set_up": N_("Admin came in"),
    "admin.password_set": N_("New password set"),
    "admin.role_given": N_("Role given"),
    "admin.removed": N_("Admin taken off"),
    "admin.factor_set": N_("Second factor set up"),
    "admin.app_removed": N_("Authenticator app taken off"),
    "admin.key_added": N_("Security key added"),
    "admin.key_removed": N_("Security key taken off"),
    "admin.key_doubted": N_("Security key refused: it may have been copied"),
    "admin.linked": N_("Log-in at the provider linked"),
    "admin.unlinked": N_("Log-in at the provider unlinked"),
    "admin.codes_made": N_("New recovery codes"),
    "admin.code_used": N_("Recovery code used"),
    "admin.proved": N_("Identity confirmed"),
    "admin.logged_in": N_("Logged in"),
    "admin.logged_out": N_("Logged out"),
    "backup.restored": N_("Backup restored"),
    "halt.begun": N_("Everything stopped"),
    "halt.ended": N_("Going on again"),
    "notice.source_edited": N_("Post was changed: to be read again"),
    "notice.source_gone": N_("Post is gone"),
    "breaker.opened": N_("Calls to a network stopped: many tokens refused"),
    "breaker.closed": N_("Calls to a network go on"),
    "access.lost": N_("Token refused for good"),
    "notice.recalled": N_("All shares taken back"),
    "seeker.reset": N_("Seeker begins anew"),
    "boost.removed": N_("Share undone by its volunteer"),
    "journal.truncated": N_("Oldest lines deleted"),
}
"""Acts of the journal; a key that ends in a dot is a family, for the filter."""
COUNTS: tuple[tuple[str, str, str], ...] = (
    ("notice.pending", N_("Notices to read"), "/admin"),
    ("notice.active", N_("Notices going round"), "/admin/queue?state=active"),
    ("volunteer.active", N_("Volunteers available"), "/admin/volunteers?state=active"),
    ("boost.planned", N_("Shares planned"), ""),
    ("boost.asked", N_("Shares asked for"), ""),
    ("boost.opened", N_("Opened, not confirmed"), ""),
    ("boost.declared", N_("Shares made"), ""),
    ("boost.verified", N_("Shares made by the bot"), ""),
    ("boost.uncertain", N_("Shares with unknown outcome"), ""),
    ("boost.failed", N_("Shares that failed"), ""),
)
UNITS, STEP = {"fr": ("o", "ko", "Mo", "Go", "To"), "en": ("B", "kB", "MB", "GB", "TB")}, 1000


def action(code: str) -> str:
    """Give what was done as an English source string; an act without words is shown as its code."""
    return ACTIONS.get(code, code)


def size(count: float, lang: str) -> str:
    """Write a number of bytes: `12.3 MB`, `12,3 Mo`."""
    power, units = 0, UNITS[lang]
    while count >= STEP and power < len(units) - 1:
        count, power = count / STEP, power + 1
    return f"{number(round(count, 1), lang)}{NB}{units[power]}"


def state_of(notice: Notice) -> str:
    """Give the state, or how the notice ended, as an English source string."""
    return CLOSE_REASONS[notice.close_reason] if notice.close_reason else NOTICE_STATES[notice.state]


def named(code: str, words: dict[str, str], admins: Mapping[int, str]) -> Message:
    """Give words for `kind:id`, e.g. an actor or a subject of the journal. `admins`: names by id."""
    kind, _, number = code.partition(":")
    if kind == "admin" and number.isdecimal() and int(number) in admins:
        return Message("%(name)s", {"name": admins[int(number)]})
    if (text := words.get(kind) if number or kind not in SOMEBODY else SOMEBODY[kind]) is None:
        return Message("%(code)s", {"code": code})
    return Message(text, {"id": number} if number else {})


def path_of(subject: str) -> str | None:
    """Give the admin page of a subject of the journal, without the language; None when it has none."""
    kind, _, number = subject.partition(":")
    folder = {"notice": "notice", "volunteer": "volunteers"}.get(kind)
    return f"/admin/{folder}/{number}" if folder and number.isdecimal() else None
