"""Commands that only the city's own records give, about a case of an imported concern. They have no HTTP route."""

from typing import ClassVar

from concord_contracts import messages as m
from concord_contracts.messages.promises import PROMISES
from concord_routing.domain.case import CLOSED, HISTORY, OFFICER, REOPENED, RESOLVED, TRIAGE
from concord_routing.domain.command_spec import Command, CommandSpec, Path, command
from concord_routing.domain.commands import HAS_NO_TEAM, HAS_TEAM


@command(CommandSpec("close_unrouted", (Path((TRIAGE,), CLOSED),), m.ConcernClosed, by=HISTORY, keeps=PROMISES))
class CloseUnrouted(Command):
    """Record that the city closed a concern for which no rule chose a team."""


@command(
    CommandSpec(
        "reopen_imported",
        (
            Path((RESOLVED,), REOPENED),
            Path((CLOSED,), REOPENED, HAS_TEAM),
            Path((CLOSED,), TRIAGE, HAS_NO_TEAM),
        ),
        m.ConcernReopened,
        by=HISTORY,
    )
)
class ReopenImported(Command):
    """Record that the city opened it again. Its own target, if it has one, stays."""

    initiator: ClassVar[str] = OFFICER
