"""Logs: past-tense events with opaque ids, never a token, an address or a person's words."""

import logging
import sys

import structlog

from bot.settings import Settings

FLOORS = {
    "aiohttp": logging.ERROR,  # its warnings quote what servers sent
    "apscheduler": logging.ERROR,
    "alembic": logging.WARNING,
    "httpx": logging.WARNING,  # its INFO writes whole addresses, with ids and handles in them
    "tweepy": logging.INFO,
    "uvicorn": logging.WARNING,
    # What broke a page is logged by the page itself; uvicorn would say it once more.
    "uvicorn.error": logging.CRITICAL,
}
"""The least level at which a library may speak, whatever level is set."""


def set_up(settings: Settings) -> None:
    """Send structlog and the libraries' logs to standard error, as text or one JSON object per line."""
    level = logging.getLevelName(settings.log_level.upper())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    ending: list[structlog.typing.Processor] = [
        structlog.processors.format_exc_info,
        _renderer(as_json=settings.log_json),
    ]
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(level, logging.INFO))
    # Access lines would hold personal links; a library's DEBUG may hold tokens.
    logging.getLogger("uvicorn.access").disabled = True
    for name, floor in FLOORS.items():
        logging.getLogger(name).setLevel(max(level, floor))


def _renderer(*, as_json: bool) -> structlog.typing.Processor:
    """Give what writes a line. A plain traceback: the pretty one prints each frame's values, tokens too."""
    if as_json:
        return structlog.processors.JSONRenderer()
    plain = structlog.dev.plain_traceback
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
