"""Converts a bearer token's claims to a principal. The caller has verified signature, issuer, audience and times."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from concord_access.domain.permissions import actions_of, default_actions
from concord_access.domain.principal import EVERY, Action, Principal, Role, default_areas, default_teams

ROLE = "concord_role"
TEAMS = "concord_teams"
AREAS = "concord_areas"
ACTIONS = "concord_actions"
"""Concord's own claim names: no other claim of an identity provider can become a grant by accident."""

TIMES = ("exp", "nbf", "iat")

SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:|/+=-]{0,127}")
"""The form of `sub` that the audit takes: an opaque id."""
_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MAX_CODES = 200


@dataclass(frozen=True, slots=True)
class ExpectedClaims:
    """The issuer and audience that every token must name."""

    issuer: str
    audience: str


class BadClaims(ValueError):
    """A signed token whose claims are not a valid grant. Remedy: correct the mapping at the issuer."""


def check_times(claims: Mapping[str, Any]) -> None:
    """Raise BadClaims for a time that is not a finite number: a token must not be valid for ever."""
    for name in TIMES:
        time = claims.get(name, 0)
        if isinstance(time, bool) or not isinstance(time, int | float) or not math.isfinite(time):
            raise BadClaims(f"{name} must be a finite number")


def principal_from(claims: Mapping[str, Any]) -> Principal:
    """Return the principal that `claims` describe. Raises BadClaims with the name of the claim, without its value.

    `sub` and `concord_role` are required. Without `concord_teams` it has no team, or every team for a city-wide role.
    Without `concord_areas` it has every area, without `concord_actions` the role's default actions. Unknown actions
    grant nothing.
    """
    role = _role(claims.get(ROLE))
    teams = _codes(claims, TEAMS)
    areas = _codes(claims, AREAS)
    subject = claims.get("sub")
    if not isinstance(subject, str) or SUBJECT.fullmatch(subject) is None:
        raise BadClaims("sub must be an opaque id: letters, digits and _.:|/+=-, no mail address")
    return Principal(
        subject=f"user:{subject}",
        role=role,
        # An empty list grants nothing; a missing one, the default.
        teams=default_teams(role, None) if teams is None else teams,
        areas=default_areas(None) if areas is None else areas,
        actions=_actions(claims, role),
    )


def _role(value: object) -> Role:
    if not isinstance(value, str) or value not in {str(role) for role in Role}:
        raise BadClaims(f"{ROLE} must be one of {', '.join(Role)}")
    return Role(value)


def _actions(claims: Mapping[str, Any], role: Role) -> frozenset[Action]:
    values = _texts(claims, ACTIONS)
    if values is None:
        return default_actions(role)
    return frozenset(action for action in actions_of(role) if str(action) in values)


def _codes(claims: Mapping[str, Any], name: str) -> frozenset[str] | None:
    values = _texts(claims, name)
    if values is not None and not all(code == EVERY or _CODE.fullmatch(code) for code in values):
        raise BadClaims(f"{name} must hold codes of 1 to 64 letters, digits, - and _, or *")
    return values


def _texts(claims: Mapping[str, Any], name: str) -> frozenset[str] | None:
    if name not in claims:
        return None
    values = claims[name]
    if not isinstance(values, list) or len(values) > _MAX_CODES or not all(isinstance(text, str) for text in values):
        raise BadClaims(f"{name} must be a list of at most {_MAX_CODES} texts")
    return frozenset(values)
