"""The error table of routing: from each exception to a problem (RFC 9457)."""

from concord_access.error_responses import ACCESS_PROBLEMS
from concord_bus.domain.errors import ResourceUnavailable
from concord_contracts.fields import write_instant
from concord_routing.application.execute_command import CaseNotFound, IdempotencyKeyReused, VersionConflict
from concord_routing.domain.command_spec import InvalidCommand
from concord_routing.domain.promise import PromiseNotOpen
from concord_routing.domain.workflow import TransitionNotAllowed
from concord_routing.entrypoints.responses import case_now_json, promise_json
from concord_web import Problem, error_table, field_problem, problem_row
from concord_web.preconditions import etag, key_reused


def version_conflict(error: VersionConflict) -> Problem:
    """Return the present case too, so that the officer can decide again."""
    return Problem(
        412,
        detail="Somebody else changed the case. Look at the present one in `case`, and decide again.",
        headers={"ETag": etag(error.case.version)},
        extra={"case": case_now_json(error.case)},
    )


def transition_not_allowed(error: TransitionNotAllowed) -> Problem:
    possible = ", ".join(error.allowed) or "none"
    return Problem(
        409,
        detail=f"The state {error.state} does not allow {error.command}. Commands possible now: {possible}.",
        extra={"state": error.state, "allowed": list(error.allowed)},
    )


def promise_not_open(error: PromiseNotOpen) -> Problem:
    promise = error.promise
    return Problem(
        409,
        detail=f"The promise is {promise.state}, due {write_instant(promise.due_at)}. Its time can no longer change."
        " Send the resident an update, and make a new promise.",
        extra={"promise": promise_json(promise)},
    )


PROBLEMS = error_table(
    ACCESS_PROBLEMS,
    {
        CaseNotFound: problem_row(404, "No case with this id is within your grant. List the cases with GET /v1/cases."),
        VersionConflict: version_conflict,
        TransitionNotAllowed: transition_not_allowed,
        PromiseNotOpen: promise_not_open,
        InvalidCommand: lambda error: field_problem(error.field, error.detail, 422),
        IdempotencyKeyReused: lambda error: key_reused(),
    },
    unavailable=ResourceUnavailable,
)
