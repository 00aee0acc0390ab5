"""Tables as SQLModel rows, a module per subject. A row becomes a model before it leaves `bot.storage`."""

from bot.storage.tables.access import AccessRow
from bot.storage.tables.admins import (
    AdminRow,
    AdminSessionRow,
    IdentityRow,
    OneTimeLinkRow,
    RecoveryCodeRow,
    SecondFactorRow,
    SecurityKeyRow,
)
from bot.storage.tables.boosts import BoostRow
from bot.storage.tables.calls import CallRow, QuotaRow, TargetRow
from bot.storage.tables.columns import UtcDateTime, maybe_when, when
from bot.storage.tables.doors import FormDoorRow, StampRow
from bot.storage.tables.halts import HaltRow, RecallRow
from bot.storage.tables.lanes import LONG_AGO, NEVER, BreakerRow, LaneRow
from bot.storage.tables.lending import ConnectionRow, RevocationRow
from bot.storage.tables.moderation import (
    ClaimRow,
    DecisionRow,
    ReportRow,
)
from bot.storage.tables.notices import NoticeRow, PostRow, SeekerKeyRow, SeekerRow
from bot.storage.tables.records import ConsentRow, ConsentTextRow, JournalHeadRow, JournalRow, TickRow
from bot.storage.tables.roster import AccountRow, VolunteerRow
from bot.storage.tables.watch import SightingRow, SpendingRow, WatcherRow, WatchGapRow

__all__ = [
    "LONG_AGO",
    "NEVER",
    "AccessRow",
    "AccountRow",
    "AdminRow",
    "AdminSessionRow",
    "BoostRow",
    "BreakerRow",
    "CallRow",
    "ClaimRow",
    "ConnectionRow",
    "ConsentRow",
    "ConsentTextRow",
    "DecisionRow",
    "FormDoorRow",
    "HaltRow",
    "IdentityRow",
    "JournalHeadRow",
    "JournalRow",
    "LaneRow",
    "NoticeRow",
    "OneTimeLinkRow",
    "PostRow",
    "QuotaRow",
    "RecallRow",
    "RecoveryCodeRow",
    "ReportRow",
    "RevocationRow",
    "SecondFactorRow",
    "SecurityKeyRow",
    "SeekerKeyRow",
    "SeekerRow",
    "SightingRow",
    "SpendingRow",
    "StampRow",
    "TargetRow",
    "TickRow",
    "UtcDateTime",
    "VolunteerRow",
    "WatchGapRow",
    "WatcherRow",
    "maybe_when",
    "when",
]
