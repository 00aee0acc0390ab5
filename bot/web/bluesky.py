"""Who this site is to Bluesky's authorization servers: two documents, where the site has a public address."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import JSONResponse, Response

from bot.lenders import back_to, bluesky_client
from bot.networks.atproto.client import KEYS_PATH, METADATA_PATH, documents

router = APIRouter()


def _documents(request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the metadata and the public keys.

    Raises:
        HTTPException: 404, Bluesky is not in use or the site has no https address of its own.
    """
    app = request.app.state.app
    client = bluesky_client(app)
    if "bluesky" not in app.networks or not client.confidential:
        raise HTTPException(404)
    return documents(client, app.settings.site_name, [back_to(app, "bluesky")])


@router.get(METADATA_PATH)
async def metadata(request: Request) -> Response:
    """Say who asks: the address of this document is our name there."""
    return JSONResponse(_documents(request)[0], headers={"Cache-Control": "no-store"})


@router.get(KEYS_PATH)
async def keys(request: Request) -> Response:
    """Show the public half of the key that signs what we ask for."""
    return JSONResponse(_documents(request)[1], headers={"Cache-Control": "no-store"})
