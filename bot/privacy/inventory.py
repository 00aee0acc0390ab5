"""Every column about a person: where their copy shows it, when it goes, how it is erased.

A test holds this against the tables, the copies and the erasures: a column that is missing here fails it.
"""

from typing import NamedTuple


class Column(NamedTuple):
    """One column.

    `copy` is where the person's copy shows it (`seeker.notices.title`), or `-` where it may not: a door to
    their page, somebody else's number. `rule` is a rule or promise of `bot.privacy.rules`. `erased` says what
    an erasure does: `blank`, `deleted` with its row, `replaced`, or `stays`: numbers, codes, dates only.
    """

    copy: str
    rule: str
    erased: str


_TEXT = """
seeker.id created_at lang reset_at                  | seeker.seeker         | number      | stays
seeker.parted_from                                  | -                     | number      | stays
seeker.email                                        | seeker.seeker         | silent      | blank
seeker_key.key kind                                 | seeker.fingerprints   | recognition | deleted
seeker_key.seeker_id                                | -                     | recognition | deleted
notice.id seeker_id state lang sector region        | seeker.notices        | number      | stays
notice.person_id                                    | -                     | number      | stays
notice.revision created_at opened_at first_opened_at deadline demand weight | seeker.notices | number | stays
notice.close_reason closed_at scarcity consent alive_at by_collective | seeker.notices | number | stays
notice.title place remote contract text answer_to   | seeker.notices        | silent      | blank
notice.name show_name                               | seeker.notices        | shown_name  | blank
notice.share_slug                                   | seeker.notices        | silent      | replaced
notice.token_hash                                   | -                     | silent      | replaced
notice.snoozed_until before_close waiting reached certificate | seeker.notices | silent   | blank
post.id network remote_id url author                | seeker.notices.posts  | silent      | deleted
post.notice_id                                      | -                     | silent      | deleted
decision.id verdict reason at waited_s undone_at    | seeker.notices.decisions | decisions | stays
decision.note before                                | seeker.notices.decisions | silent   | blank
decision.notice_id admin_id                         | -                     | decisions   | stays
report.id at settled_at                             | volunteer.reports     | reports     | stays
report.why                                          | volunteer.reports     | reports     | replaced
report.contact                                      | volunteer.reports     | report_contact | blank
report.token_hash                                   | -                     | reports     | stays
report.notice_id                                    | volunteer.reports     | reports     | stays
report.volunteer_id                                 | -                     | reports     | blank
sighting.id network remote_id watcher sight seen_at | seeker.notices.sightings | found    | stays
sighting.notice_id                                  | -                     | found       | stays
boost.id notice_id network mode state due_at reason | volunteer.shares      | number      | stays
boost.asked_at opened_at ended_at expires_at account_id | volunteer.shares  | number      | stays
boost.skip_why                                      | volunteer.shares      | membership  | blank
boost.volunteer_id                                  | -                     | number      | stays
call.boost_id account_id post_id kind next_at at    | volunteer.calls       | number      | stays
call.sent_at attempts epoch uncertain_since uncertain_mark error why | volunteer.calls | number | stays
call.target remote_id                               | volunteer.calls       | silent      | blank
recall.boost_id asked_at done_at                    | volunteer.recalls     | number      | stays
volunteer.id lang state joined_at left_at charter_version | volunteer.volunteer | number  | stays
volunteer.name languages paused_until quiet_start_min quiet_len_min | volunteer.volunteer | membership | blank
volunteer.sectors regions                           | volunteer.volunteer   | membership  | blank
volunteer.cap_day spacing_min time_zone             | volunteer.volunteer   | membership  | replaced
volunteer.token_hash                                | -                     | membership  | replaced
account.id network                                  | volunteer.accounts    | number      | stays
account.handle active                               | volunteer.accounts    | membership  | replaced
account.volunteer_id                                | -                     | number      | stays
access.account_id mode given_at used_at lost_at     | volunteer.accesses    | tokens      | deleted
access.labelled_at unlabelled_at                    | volunteer.accesses    | tokens      | deleted
access.sealed                                       | -                     | tokens      | deleted
connection.account_id mode way lang begun_at        | volunteer.connections | connections | deleted
connection.expires_at answered_at taken_at trouble  | volunteer.connections | connections | deleted
connection.state_hash sealed answer                 | -                     | connections | deleted
revocation.id account_id tried_at tries next_at why | volunteer.revocations | revocations | stays
revocation.sealed                                   | -                     | revocations | stays
consent.id subject                                  | -                     | consents    | stays
consent.purpose text_version text_hash lang act at  | seeker.consents       | consents    | stays
consent.withdrawn_at ended_at                       | seeker.consents       | consents    | stays
consent_text.text                                   | seeker.consents       | consents    | stays
consent_text.text_hash                              | seeker.consents       | consents    | stays
journal.id at action subject details                | seeker.journal        | journal     | stays
journal.actor chain                                 | -                     | journal     | stays
plan_log.id at kind subject data                    | -                     | plan_log    | stays
"""


def _read() -> dict[str, dict[str, Column]]:
    found: dict[str, dict[str, Column]] = {}
    for line in _TEXT.strip().splitlines():
        names, copy, rule, erased = (part.strip() for part in line.split("|"))
        table, _, columns = names.partition(".")
        for name in columns.split():
            found.setdefault(table, {})[name] = Column(
                copy if copy == "-" else f"{copy}.{name}", rule, erased
            )
    return found


COLUMNS = _read()

ELSEWHERE = {
    "admin": "of admins, who see and change it on their own pages; removed with the admin",
    "admin_session": "of admins; ends by the rule `sessions`",
    "one_time_link": "of admins; ends by the rule `links`",
    "second_factor": "of admins; removed with the admin",
    "security_key": "of admins, who see and remove it on their own page; removed with the admin",
    "identity": "of admins, who see and remove it on their own page; removed with the admin",
    "recovery_code": "of admins; removed with the admin",
    "claim": "which admin reads which notice; ends by the rule `claims`",
    "halt": "of admins: who stopped everything, and why",
    "journal_head": "no person: the journal's newest line",
    "plan_seen": "no person: hashes of the planner's newest lines",
    "tick": "no person: how the daemon's work went",
    "watcher": "no person: where each watcher goes on",
    "watch_gap": "no person: what watchers could not read",
    "form_door": "no person: when the form is closed",
    "stamp": "no person: which forms were sent, in keyed hashes; ends by the rule `stamps`",
    "lane": "no person: when the calls of an account go on, in numbers",
    "breaker": "no person: where calls rest",
    "quota": "no person: how much of networks' limits is used up",
    "target": "no person: what a post is called on a network, and a digest of its words; gone with the post",
    "spending": "no person: what calls to networks cost",
}
"""Tables that are not about a seeker or a volunteer, and why."""
