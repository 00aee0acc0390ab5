"""The admins' page of the networks: what is watched, what is in the way, what policy allows. Reads only."""

from fastapi import APIRouter
from starlette.responses import Response

from bot import callers
from bot.model.budget import WHATS
from bot.model.found import SIGHTS
from bot.networks import every
from bot.purse import budgets_of
from bot.reporting import collective, delivery, lending, money
from bot.reporting import networks as reporting
from bot.trust import keyfile
from bot.web import labels
from bot.web.session import OnReader

router = APIRouter()


@router.get("/{lang}/admin/networks")
async def networks(page: OnReader) -> Response:
    """Show each watcher and each network's policy."""
    app = page.app
    found = await app.store.read(reporting.standings, watched=app.settings.watch, now=page.now)
    called = callers.names(app)
    calls = await app.store.read(delivery.standing, page.now, called)
    costs = await app.store.read(money.costs, budgets_of(app.settings), page.now)
    lent = await app.store.read(lending.by_network, app.policies)
    own = await app.store.read(collective.standings, app.policies)
    left = await app.store.read(collective.leftovers, called)
    return await page.show_admin(
        "admin/networks.html",
        lent=lent,
        own=own,
        left=left,
        known=every(),
        publishing=callers.publishing(app),
        floor=lending.FLOOR,
        sealed=keyfile.read_public(app.settings.data_dir) is not None,
        lendable=page.request.app.state.lenders.networks,
        found=found,
        costs=costs,
        calls=calls,
        rests=labels.RESTS,
        whats=WHATS,
        policies=app.policies,
        sights=SIGHTS,
        modes=labels.MODES,
        watched=app.settings.watch,
    )
