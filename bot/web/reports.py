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
IN_ONE = 10
"""Reports in one message that are looked at."""
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
    """Take reports in either form that browsers send; whatever else comes is answered alike and dropped."""
    body = await request.body()
    for report in _reports(body)[:IN_ONE] if len(body) <= SIZE_MOST else ():
        watchman.note(request, "csp_violated", **_codes(report))
    return Response(status_code=204)


def _reports(body: bytes) -> list[dict[str, Any]]:
    """Give what stands in a message of the Reporting API (a list), or of `report-uri` (one report)."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return []
    found = [one.get("body") for one in sent if isinstance(one, dict)] if isinstance(sent, list) else []
    if isinstance(sent, dict):
        found = [sent.get("csp-report")]
    return [one for one in found if isinstance(one, dict)]


def _codes(report: dict[str, Any]) -> dict[str, str]:
    """Give a report's two codes. Addresses are left out: they hold personal links, and strangers write."""
    directive = report.get("effectiveDirective", report.get("effective-directive"))
    blocked = report.get("blockedURL", report.get("blocked-uri"))
    if not isinstance(blocked, str) or blocked not in BLOCKED:
        blocked = "address" if isinstance(blocked, str) and _is_address(blocked) else "unknown"
    known = isinstance(directive, str) and directive in DIRECTIVES
    return {"directive": str(directive) if known else "unknown", "blocked": blocked}


def _is_address(text: str) -> bool:
    try:
        return urlsplit(text).scheme in {"http", "https"}
    except ValueError:
        return False
