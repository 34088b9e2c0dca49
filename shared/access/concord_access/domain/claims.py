"""From a bearer token's claims to a principal. The signature, issuer, audience and times were checked before."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from concord_access.domain.permissions import actions_of
from concord_access.domain.principal import EVERY, Action, Principal, Role, default_areas, default_teams

ROLE = "concord_role"
TEAMS = "concord_teams"
AREAS = "concord_areas"
ACTIONS = "concord_actions"
"""Names of our own, so that no claim of an identity provider is read as a grant by accident."""

_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:|/+=-]{0,127}")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MAX_CODES = 200


@dataclass(frozen=True, slots=True)
class ExpectedClaims:
    """What every token must say: who issued it, and that it is for us."""

    issuer: str
    audience: str


class BadClaims(ValueError):
    """A signed token whose claims grant nothing that we understand. Remedy: correct its issuer's mapping."""


def principal_from(claims: Mapping[str, Any]) -> Principal:
    """The principal that `claims` describe. Raises BadClaims naming the claim, without its value.

    `sub` and `concord_role` are needed. `concord_teams`: left out means none, for a role of the whole city every one.
    `concord_areas`: left out means every one. `concord_actions`: left out means all of the role; ours that this
    version does not know grant nothing.
    """
    role = _role(claims.get(ROLE))
    teams = _codes(claims, TEAMS)
    areas = _codes(claims, AREAS)
    subject = claims.get("sub")
    if not isinstance(subject, str) or _SUBJECT.fullmatch(subject) is None:
        raise BadClaims("sub must be an opaque id: letters, digits and _.:|/+=-, no mail address")
    return Principal(
        subject=f"user:{subject}",
        role=role,
        # An empty list is less than none at all: it grants nothing.
        teams=default_teams(role, None) if teams is None else teams,
        areas=default_areas(None) if areas is None else areas,
        actions=_actions(claims, role),
    )


def _role(given: object) -> Role:
    if not isinstance(given, str) or given not in {str(role) for role in Role}:
        raise BadClaims(f"{ROLE} must be one of {', '.join(Role)}")
    return Role(given)


def _actions(claims: Mapping[str, Any], role: Role) -> frozenset[Action]:
    given = _texts(claims, ACTIONS)
    if given is None:
        return actions_of(role)
    return frozenset(action for action in actions_of(role) if str(action) in given)


def _codes(claims: Mapping[str, Any], name: str) -> frozenset[str] | None:
    given = _texts(claims, name)
    if given is not None and not all(code == EVERY or _CODE.fullmatch(code) for code in given):
        raise BadClaims(f"{name} must hold codes of 1 to 64 letters, digits, - and _, or *")
    return given


def _texts(claims: Mapping[str, Any], name: str) -> frozenset[str] | None:
    if name not in claims:
        return None
    given = claims[name]
    if not isinstance(given, list) or len(given) > _MAX_CODES or not all(isinstance(text, str) for text in given):
        raise BadClaims(f"{name} must be a list of at most {_MAX_CODES} texts")
    return frozenset(given)
