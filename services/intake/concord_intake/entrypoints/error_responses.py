"""The problem (RFC 9457) for each domain error."""

from collections.abc import Mapping

from concord_access.error_responses import ACCESS_PROBLEMS
from concord_bus.domain.errors import ResourceUnavailable
from concord_contracts.feedback_links import EndedLink, ForgedLink
from concord_contracts.status_links import EndedStatusLink
from concord_intake.application.errors import (
    AlreadyAnswered,
    ConcernFinished,
    ConcernNotFound,
    ConcernNotOpen,
    IdempotencyKeyReused,
    LinkedConcernNotFound,
    NoMailsToStop,
    NothingToJudge,
)
from concord_intake.application.import_concerns import Refusal
from concord_web import Problem, error_table, problem_row
from concord_web.preconditions import key_reused

_INVALID_LINK = problem_row(404, "The link is invalid or incomplete. Copy the whole link from the mail.")

PROBLEMS = error_table(
    ACCESS_PROBLEMS,
    {
        ConcernNotFound: problem_row(
            404, "No such concern, or the receipt does not match. Send the receipt in the header Concord-Receipt."
        ),
        ConcernFinished: problem_row(409, "The city has finished with this concern. You cannot withdraw it any more."),
        ConcernNotOpen: problem_row(
            409,
            "The city has finished with this concern. Report what is wrong as a new concern.",
        ),
        NothingToJudge: problem_row(
            409, "No team has said in the last 14 days that it was dealt with. If something is missing, send an answer."
        ),
        NoMailsToStop: problem_row(409, "No mails go out for this concern. Nothing needs to be done."),
        IdempotencyKeyReused: lambda error: key_reused(),
        EndedLink: problem_row(410, "The link has expired. If the problem is not fixed, report it again."),
        EndedStatusLink: problem_row(
            410,
            "The link has expired. Open that of a later mail, or send the receipt in the header Concord-Receipt.",
        ),
        ForgedLink: _INVALID_LINK,
        LinkedConcernNotFound: _INVALID_LINK,
        AlreadyAnswered: problem_row(
            409, "You have answered before, and that answer is stored. Report a new problem as a new concern."
        ),
    },
    unavailable=ResourceUnavailable,
)

_LOGIN = {
    "field": "reported_at",
    "detail": "Leave it out, or send the token of a login with the permission history:import.",
}
REFUSALS: Mapping[Refusal, Problem] = {
    Refusal.HISTORY_NOT_ALLOWED: Problem(
        403, detail="Only a login with the permission history:import may import a history.", errors=[_LOGIN]
    ),
    Refusal.DATABASE_UNAVAILABLE: Problem(503, detail="The database is temporarily unavailable. Send this line again."),
    Refusal.FAILED: Problem(500, detail="An internal error occurred for this line. Send it again later."),
}
"""The problem for each line of an import that the service refuses."""
