"""Checks of a new key's grant: the service must accept it, and the city should have its teams and areas."""

from collections.abc import Collection, Iterator
from pathlib import Path

from concord_access import EVERY, Action
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import remembered_city

KEY_SERVICES = ("routing",)
"""Services that accept API keys. The others accept a JWT or the operators' token."""
KEY_ACTIONS = frozenset(
    {
        Action.CASE_READ,
        Action.CASE_WORDS,
        Action.CONTACT_READ,
        Action.CASE_WORK,
        Action.CASE_REASSIGN,
        Action.CASE_REOPEN,
        Action.TASK_READ,
        Action.TASK_DECIDE,
        Action.AUDIT_READ,
        Action.OPS_READ,
    }
)
"""Actions that an endpoint of these services needs."""
DATABASE_ACTIONS = frozenset({Action.PARKED_READ, Action.PARKED_ACT, Action.KEY_MANAGE})
"""Actions that no endpoint needs: `concord parked` and `concord token` work on the database."""
OTHER_CREDENTIALS = "use a JWT, or CONCORD_OPS_TOKEN"


def check_usable(service: str | None, actions: Collection[Action]) -> None:
    """Raises UsageError for a service that accepts no keys, and for an action that no holder of a key can do.

    `service` is None if the command does not know it.
    """
    if service not in (None, *KEY_SERVICES):
        raise UsageError(f"--service: {service} accepts no API keys; {OTHER_CREDENTIALS}.")
    for action in sorted(set(actions) - KEY_ACTIONS):
        if action in DATABASE_ACTIONS:
            raise UsageError(f"--action: {action} is not possible over HTTP; use an account of the database.")
        raise UsageError(f"--action: {action} is not possible with an API key; {OTHER_CREDENTIALS}.")


def unknown_codes(home: Path | None, teams: Collection[str], areas: Collection[str]) -> Iterator[str]:
    """Yield a warning for each team and area that the city of the local run does not have.

    Yields nothing without a usable city folder.
    """
    city = remembered_city(home) if home else None
    if city is None:
        return
    from concord_city import CityError, load

    try:
        known = load(city)
    except CityError:
        return
    for option, codes, valid in (("team", teams, known.teams), ("area", areas, known.areas)):
        for code in sorted(set(codes) - {EVERY, *valid}):
            yield f"Warning: --{option}: the city has no {option} '{code}'. It has {', '.join(valid)}."
