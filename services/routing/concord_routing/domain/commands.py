"""The commands on a case. To add a command, add a class here; CommandSpec says what follows from it.

If its event has fields of its own, add them to `events.DETAILS` too. CONTRIBUTING.md, change 3, lists the places in the
other services.
"""

from datetime import datetime

from concord_access import Action, Principal, allowed, require_scope, scope_of
from concord_contracts import messages as m
from concord_contracts.messages.cases import REOPENERS
from concord_contracts.messages.promises import PROMISES
from concord_routing.domain.case import (
    ACKNOWLEDGED,
    CLOSED,
    DECLINED,
    IN_PROGRESS,
    OFFICER,
    OPEN_STATES,
    RECEIVED,
    REFERRED,
    REOPENED,
    RESIDENT,
    RESOLVED,
    ROUTED,
    RULES,
    STATES,
    TRIAGE,
    WAITING,
    WITH_TEAM,
    WITHDRAWN,
    Case,
)
from concord_routing.domain.command_spec import (
    COMMAND_SPECS,
    Command,
    CommandSpec,
    Guard,
    Path,
    choice,
    code,
    command,
    flag,
    text,
    time,
)
from concord_routing.domain.promise import ACKNOWLEDGEMENT

TEXT_LIMIT = 2000
WHERE_LIMIT = 500
PARTNER_LIMIT = 200
PROMISE_ID_LIMIT = 64
SUBJECT_LIMIT = 132
DUE_AT = "by when; in the future, at most a year away"

ANSWER_NEEDED = Guard("an answer is needed", of_command=lambda update: update.waiting_for_resident)
NO_ANSWER_NEEDED = Guard("no answer is needed", of_command=lambda update: not update.waiting_for_resident)
HAS_TEAM = Guard("it has a team", of_case=lambda case: case.team is not None)
HAS_NO_TEAM = Guard("it never had a team", of_case=lambda case: case.team is None)


@command(
    CommandSpec(
        "acknowledge",
        (Path((ROUTED, REOPENED), ACKNOWLEDGED),),
        m.ConcernAcknowledged,
        "case.acknowledged",
        keeps=(ACKNOWLEDGEMENT,),
    )
)
class Acknowledge(Command):
    """Record that a person of the team has seen it."""


@command(
    CommandSpec(
        "update",
        (
            Path(WITH_TEAM, IN_PROGRESS, NO_ANSWER_NEEDED),
            Path((REFERRED,), None, NO_ANSWER_NEEDED),
            Path((*WITH_TEAM, REFERRED), WAITING, ANSWER_NEEDED),
        ),
        m.ConcernUpdated,
        "case.updated",
        keeps=(ACKNOWLEDGEMENT,),
        officer_message="update",
    )
)
class Update(Command):
    """Send the resident a message on the progress."""

    message: str = text(TEXT_LIMIT, "the progress; the resident reads it")
    waiting_for_resident: bool = flag("the team needs the resident's answer to go on", default=False)
    keeps_promise: bool = flag("this fulfils what an officer had promised by hand", default=False)


@command(
    CommandSpec(
        "promise",
        (Path(WITH_TEAM, IN_PROGRESS), Path((REFERRED,), None)),
        m.ConcernUpdated,
        "case.promised",
        keeps=(ACKNOWLEDGEMENT,),
        officer_message="update",
    )
)
class MakePromise(Command):
    """Promise the resident something by a time."""

    message: str = text(TEXT_LIMIT, "the content of the promise; the resident reads it")
    due_at: datetime = time(DUE_AT)


@command(
    CommandSpec(
        "renegotiate",
        (Path((*WITH_TEAM, REFERRED), None),),
        m.PromiseRenegotiated,
        "case.renegotiated",
        officer_message="renegotiate",
    )
)
class Renegotiate(Command):
    """Give a promise another time before it is due."""

    promise: str = code(f"one of {', '.join(PROMISES)}, or the promise's id", PROMISE_ID_LIMIT)
    due_at: datetime = time(DUE_AT)
    reason: str = text(TEXT_LIMIT, "why the time changes; the resident reads it")


@command(
    CommandSpec(
        "refer",
        (Path(WITH_TEAM, REFERRED),),
        m.ConcernReferred,
        "case.referred",
        keeps=PROMISES,
        officer_message="refer",
    )
)
class Refer(Command):
    """Refer it to a partner outside the city's teams."""

    reason: str = text(TEXT_LIMIT, "why a partner takes it; the resident reads it")
    to: str = text(PARTNER_LIMIT, "the partner; the resident reads it")


@command(
    CommandSpec(
        "resolve",
        (Path((*WITH_TEAM, REFERRED), RESOLVED),),
        m.ConcernResolved,
        "case.resolved",
        keeps=PROMISES,
        officer_message="resolve",
    )
)
class Resolve(Command):
    """Record that the problem is solved."""

    reason: str = text(TEXT_LIMIT, "the solution; the resident reads it")


@command(
    CommandSpec(
        "decline",
        (Path((TRIAGE, *WITH_TEAM), DECLINED),),
        m.ConcernDeclined,
        "case.declined",
        keeps=PROMISES,
        officer_message="decline",
    )
)
class Decline(Command):
    """Decline to act, and tell the resident where to go."""

    reason: str = text(TEXT_LIMIT, "why the city will not act; the resident reads it")
    where_to_go: str = text(WHERE_LIMIT, "where to go instead; the resident reads it")


@command(
    CommandSpec(
        "reopen",
        (
            Path((REFERRED, RESOLVED), REOPENED),
            Path((DECLINED, CLOSED), REOPENED, HAS_TEAM),
            Path((DECLINED, CLOSED), TRIAGE, HAS_NO_TEAM),
        ),
        m.ConcernReopened,
        "case.reopened",
        permission=Action.CASE_REOPEN,
        officer_message="reopen",
    )
)
class Reopen(Command):
    """Open it again with new promises, because the problem is not solved."""

    initiator: str = choice(REOPENERS, "whose wish it is", default=OFFICER)
    reason: str | None = text(TEXT_LIMIT, "why the problem is not solved; the resident reads it", default=None)


@command(
    CommandSpec(
        "reassign",
        (Path((TRIAGE, ROUTED, ACKNOWLEDGED, IN_PROGRESS, WAITING, REFERRED), ROUTED), Path((REOPENED,), None)),
        m.ConcernReassigned,
        "case.reassigned",
        permission=Action.CASE_REASSIGN,
        leaves_answer=True,
    )
)
class Reassign(Command):
    """Give it to another team, or to its first one."""

    team: str = code("code of one of the city's teams")


@command(
    CommandSpec("close", (Path((REFERRED, RESOLVED, DECLINED, WITHDRAWN), CLOSED),), m.ConcernClosed, "case.closed")
)
class Close(Command):
    """Record that the city will do nothing more."""


@command(CommandSpec("assign", (Path((*WITH_TEAM, REFERRED), None),), audit_action="case.assigned", leaves_answer=True))
class Assign(Command):
    """Give it to a person of the team, or to nobody. The resident does not hear of it."""

    officer: str | None = code("the person, such as user:7f3a; null for nobody", SUBJECT_LIMIT, nullable=True)
    note: str | None = text(TEXT_LIMIT, "what the person has to know; the resident never reads it", default=None)


@command(
    CommandSpec("note", (Path(tuple(state for state in STATES if state != RECEIVED), None),), audit_action="case.noted")
)
class Note(Command):
    """Note something for colleagues, also after the end. The resident does not hear of it."""

    note: str = text(TEXT_LIMIT, "the note; the resident never reads it")


@command(CommandSpec("withdraw", (Path(OPEN_STATES, WITHDRAWN),), by=RESIDENT, keeps=PROMISES, voids_promises=True))
class Withdraw(Command):
    """Take the concern back. Intake publishes the event."""


@command(
    CommandSpec(
        "answer",
        (
            Path((WAITING,), IN_PROGRESS),
            Path(tuple(state for state in STATES if state not in (RECEIVED, WAITING)), None),
        ),
        m.ConcernAnswered,
        by=RESIDENT,
    )
)
class Answer(Command):
    """Answer the team's question, or add something to the concern, also after its end."""

    given_at: datetime = time("when the resident wrote it")


@command(
    CommandSpec(
        "hand_over",
        (Path((ROUTED, ACKNOWLEDGED, IN_PROGRESS, WAITING), ROUTED), Path((REOPENED, REFERRED), None)),
        m.ConcernReassigned,
        by=RULES,
    )
)
class HandOver(Command):
    """Give it to the team that the changed rules name, because its team or area is no longer in the city folder."""

    team: str = code("team by the changed rules")
    area: str | None = code("area of the changed city; null without one")


@command(CommandSpec("relocate", (Path((*WITH_TEAM, REFERRED), None),), by=RULES))
class Relocate(Command):
    """Note its area in the changed city, because its former area is no longer in the city folder. The team stays."""

    area: str | None = code("area of the changed city; null without one")


OFFICER_COMMANDS = {name: spec for name, spec in COMMAND_SPECS.items() if spec.by == OFFICER}
"""The commands with an HTTP route."""


def permission_for(case: Case, command: Command) -> Action:
    """Return the action that the sender needs: on a case in triage, the right to decide."""
    return Action.TASK_DECIDE if case.state == TRIAGE else command.spec.permission


def may_execute(principal: Principal, case: Case, command: Command) -> bool:
    return allowed(principal, permission_for(case, command), case.team, case.area)


def may_read(principal: Principal, case: Case) -> bool:
    """Return whether the principal may read the case, or its task while it is in triage."""
    reads_task = case.state == TRIAGE and allowed(principal, Action.TASK_READ, case.team, case.area)
    return reads_task or allowed(principal, Action.CASE_READ, case.team, case.area)


def require_reader(principal: Principal) -> None:
    """Raise NotAllowed for a principal that may read no case at all, before anybody looks for the case."""
    if scope_of(principal, Action.TASK_READ) is None:
        require_scope(principal, Action.CASE_READ)
