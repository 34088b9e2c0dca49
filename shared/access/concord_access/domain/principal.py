"""Who is asking: a role, and the teams, areas and actions within which it acts."""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

EVERY = "*"
"""In `teams` or `areas`: every one, and what has none."""
WHOLE_CITY = frozenset({EVERY})


class Role(StrEnum):
    """What somebody is to the platform. The table in `permissions` says what each may do."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


CITY_WIDE = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
"""Roles that act for every team unless they are granted less."""


class Action(StrEnum):
    """What can be done; the unit in which keys and tokens are granted."""

    CASE_READ = "case:read"
    """See cases with their history."""
    CASE_WORK = "case:work"
    """Acknowledge, update, refer, resolve, decline, close; promise and renegotiate."""
    CASE_REASSIGN = "case:reassign"
    CASE_REOPEN = "case:reopen"
    TASK_READ = "task:read"
    """See what no rule could decide."""
    TASK_DECIDE = "task:decide"
    PARKED_READ = "parked:read"
    PARKED_ACT = "parked:act"
    """Replay or drop a parked message."""
    KEY_MANAGE = "key:manage"
    AUDIT_READ = "audit:read"
    WEBHOOK_MANAGE = "webhook:manage"
    HISTORY_IMPORT = "history:import"
    OPS_READ = "ops:read"
    """See the service's own figures: its ledger and state."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who has proved who they are.

    `subject` goes into the audit: an id such as `user:7f3a`, `key:night-desk` or `operator`, never a name or an
    address. `teams` are those it belongs to, `areas` those it may act in; `*` stands for every one. `actions` are what
    was granted: of them it may do what its role may do.
    """

    subject: str
    role: Role
    teams: frozenset[str]
    areas: frozenset[str]
    actions: frozenset[Action]


def default_teams(role: Role, given: Set[str] | None) -> frozenset[str]:
    """The teams of a grant that names `given`: none named means none, but every one for a role of the whole city."""
    if given:
        return frozenset(given)
    return WHOLE_CITY if role in CITY_WIDE else frozenset()


def default_areas(given: Set[str] | None) -> frozenset[str]:
    """The areas of a grant that names `given`: none named means every one, as its teams bound it already."""
    return frozenset(given) if given else WHOLE_CITY
