"""The only SQL. Rows never leave this folder: functions take a session and return words of `bot.model`."""

from sqlmodel import Session

__all__ = ["Session"]
