"""The sender of a request: a role, with the teams, areas and actions of its grant."""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

EVERY = "*"
"""All teams or areas, including cases without one."""
WHOLE_CITY = frozenset({EVERY})


class Role(StrEnum):
    """A role on the platform. The table in `permissions` lists its actions."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


CITY_WIDE = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
"""Roles with every team by default."""


class Action(StrEnum):
    """An action that keys and tokens can grant."""

    CASE_READ = "case:read"
    """Read cases with their history."""
    CASE_WORDS = "case:words"
    """Read the resident's words and the exact place of a case."""
    CONTACT_READ = "contact:read"
    """Read the reporter's contact."""
    CASE_WORK = "case:work"
    """Acknowledge, update, refer, resolve, decline, close; promise and renegotiate; assign and note."""
    CASE_REASSIGN = "case:reassign"
    CASE_REOPEN = "case:reopen"
    TASK_READ = "task:read"
    """Read the tasks that wait for a person."""
    TASK_DECIDE = "task:decide"
    PARKED_READ = "parked:read"
    PARKED_ACT = "parked:act"
    """Replay or drop a parked message."""
    KEY_MANAGE = "key:manage"
    AUDIT_READ = "audit:read"
    WEBHOOK_MANAGE = "webhook:manage"
    HISTORY_IMPORT = "history:import"
    OPS_READ = "ops:read"
    """Read the service's own figures: its ledger and state."""


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated person or system.

    `subject` goes into the audit: an id such as `user:7f3a`, `key:night-desk` or `operator`, never a name or an
    address. `teams` and `areas` limit its reach; `*` stands for all. `actions` is its grant, within the actions of its
    role.
    """

    subject: str
    role: Role
    teams: frozenset[str]
    areas: frozenset[str]
    actions: frozenset[Action]


def default_teams(role: Role, codes: Set[str] | None) -> frozenset[str]:
    """Return the teams of a grant. Without any, a city-wide role gets all, another role none."""
    if codes:
        return frozenset(codes)
    return WHOLE_CITY if role in CITY_WIDE else frozenset()


def default_areas(codes: Set[str] | None) -> frozenset[str]:
    """Return the areas of a grant. Without any it gets all, because its teams limit it already."""
    return frozenset(codes) if codes else WHOLE_CITY
