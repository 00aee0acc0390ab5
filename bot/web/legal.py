"""What the law wants to be said of who runs the site, from the settings; and where to report a weakness."""

from datetime import timedelta

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from bot.model.legal import LEGAL
from bot.web.pages import OnPage

router = APIRouter()

SECURITY_LIFE = timedelta(days=180)
"""How long a copy of security.txt may be trusted (RFC 9116 wants less than a year)."""


@router.get("/{lang}/legal")
async def legal(page: OnPage) -> Response:
    """Say who publishes and who hosts; what the operator has not filled in is said too."""
    settings = page.app.settings
    return page.show(
        "public/legal.html", lines=[(text, getattr(settings, name)) for name, text in LEGAL.items()]
    )


@router.get("/{lang}/.well-known/security.txt")
async def security(page: OnPage) -> Response:
    """Say where to report a weakness (RFC 9116); 404 while the operator gave no address."""
    settings = page.app.settings
    address = settings.publisher_mail or settings.contact
    if not address:
        return PlainTextResponse("No contact is set.\n", 404)
    contact = address if "://" in address else f"mailto:{address}"
    expires = page.now + SECURITY_LIFE
    lines = [f"Contact: {contact}", f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: fr, en"]
    return PlainTextResponse("\n".join(lines) + "\n")
