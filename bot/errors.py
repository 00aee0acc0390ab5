"""Errors, named by what the caller must do. Every message says what to do next."""


class LanguetteError(Exception):
    """Base of every error that a person may read. `str(error)` is a full sentence in English."""

    exit_code = 1


class UsageError(LanguetteError):
    """The command or the form was filled in wrongly; asking again, corrected, can succeed."""

    exit_code = 2


class NotFoundError(LanguetteError):
    """No such notice, volunteer, boost or link; the answer never says whether it once existed."""


class ForbiddenError(LanguetteError):
    """The admin's role does not cover this; an operator can give another role."""


class ConflictError(LanguetteError):
    """Somebody else was faster, or the move is not allowed from the present state."""


class ConfigError(LanguetteError):
    """A setting is missing, malformed or forbidden; the message names it and its source."""

    exit_code = 5


class DataError(LanguetteError):
    """The database is newer than this program, damaged, or held by another daemon."""

    exit_code = 6


class UnreadableError(DataError):
    """One value in the database cannot be read: what does not need it goes on."""
