"""Between two steps: something is looked up or written, and there is nothing to read until it is."""

from core.packing import states as pack
from core.picking import states as pick
from core.receiving import states as receive
from core.shipping import flow as ship
from core.station import home, override, sign_in
from desktop.languages import isolated, tr
from desktop.presenters.words import back, present
from desktop.proofs import Hero
from desktop.screens import Screen


@present.register(pick.Saving)
@present.register(pick.LookForWork)
@present.register(pack.Saving)
@present.register(pack.LookForWork)
@present.register(ship.Loading)
@present.register(ship.LookAtDock)
@present.register(ship.OpeningList)
@present.register(receive.LookAtDeliveries)
@present.register(receive.LookAtDelivery)
@present.register(receive.LookAtLot)
@present.register(receive.Saving)
@present.register(home.Reprinting)
@present.register(sign_in.CountingPin)
@present.register(sign_in.SigningIn)
@present.register(sign_in.SigningOut)
@present.register(override.AskSupervisor)
@present.register(override.CheckingPin)
@present.register(override.Recording)
@present.register(override.Passed)
@present.register(override.GivenUp)
def _(_state: object, _now: int = 0) -> Screen:
    return Screen(prompt="…")


@present.register
def _(state: override.EnterSupervisorPin, _now: int = 0) -> Screen:
    return Screen(prompt=tr("Type your PIN"), proof=Hero(isolated(state.name)), answers=(back(),))
