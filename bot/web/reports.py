"""Reports of browsers that the content security policy held something back, logged in codes."""

import json
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import Response

from bot.web import watchman
from bot.web.guard import REPORTS

router = APIRouter()

SIZE_MOST = 16 * 1024
"""Bytes of a report that are read; what browsers send is a tenth of it."""
DIRECTIVES = frozenset(
    {
        "base-uri",
        "connect-src",
        "default-src",
        "font-src",
        "form-action",
        "frame-ancestors",
        "frame-src",
        "img-src",
        "manifest-src",
        "media-src",
        "object-src",
        "script-src",
        "script-src-attr",
        "script-src-elem",
        "style-src",
        "style-src-attr",
        "style-src-elem",
        "worker-src",
    }
)
BLOCKED = frozenset({"inline", "eval", "wasm-eval", "data", "blob", "trusted-types-sink"})


@router.post(REPORTS)
async def csp(request: Request) -> Response:
    """Take a report as browsers send it; whatever else comes is answered alike and dropped."""
    body = await request.body()
    report = _report(body) if len(body) <= SIZE_MOST else None
    if report is not None:
        watchman.note(request, "csp_violated", **_codes(report))
    return Response(status_code=204)


def _report(body: bytes) -> dict[str, Any] | None:
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return None
    report = sent.get("csp-report") if isinstance(sent, dict) else None
    return report if isinstance(report, dict) else None


def _codes(report: dict[str, Any]) -> dict[str, str]:
    """Give a report's two codes. Addresses are left out: they hold personal links, and strangers write."""
    directive, blocked = report.get("effective-directive"), report.get("blocked-uri")
    if not isinstance(blocked, str) or blocked not in BLOCKED:
        blocked = "address" if isinstance(blocked, str) and _is_address(blocked) else "unknown"
    known = isinstance(directive, str) and directive in DIRECTIVES
    return {"directive": str(directive) if known else "unknown", "blocked": blocked}


def _is_address(text: str) -> bool:
    try:
        return urlsplit(text).scheme in {"http", "https"}
    except ValueError:
        return False
