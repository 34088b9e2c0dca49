"""What is answered when something cannot be done: the one table."""

from collections.abc import Callable, Mapping

from concord_access.error_responses import ACCESS_PROBLEMS
from concord_bus.domain.errors import ResourceUnavailable
from concord_contracts.fields import write_instant
from concord_routing.application.execute_command import KeyReused, NoSuchCase, Stale
from concord_routing.domain.commands import BadOrder
from concord_routing.domain.renegotiating import PromiseOver
from concord_routing.domain.workflow import NotAllowed
from concord_routing.entrypoints.responses import case_now_answer, promise_answer
from concord_routing.preconditions import etag, key_reused
from concord_web import Problem, field_problem

AWAY = "Our {} is away for the moment. Please try again shortly; with the same Idempotency-Key it has one effect."


def away(error: ResourceUnavailable) -> Problem:
    """The database is away: nothing can be read, and whether a lost commit took effect nobody knows."""
    return Problem(503, detail=AWAY.format(error.resource), headers={"Retry-After": "5"})


def no_such_case(error: NoSuchCase | None = None) -> Problem:
    return Problem(404, detail="There is no case with this id; look for it in /v1/cases.")


def stale(error: Stale) -> Problem:
    """With the case as it is now, so that the officer can decide again."""
    return Problem(
        412,
        detail="Somebody else changed the case. Look at what it is now, in `case`, and decide again.",
        headers={"ETag": etag(error.case.version)},
        extra={"case": case_now_answer(error.case)},
    )


def not_allowed(error: NotAllowed) -> Problem:
    can = ", ".join(error.allowed) or "nothing"
    return Problem(
        409,
        detail=f"The case is {error.state}: {error.command} is not possible. What is possible now: {can}.",
        extra={"state": error.state, "allowed": list(error.allowed)},
    )


def promise_over(error: PromiseOver) -> Problem:
    promise = error.promise
    return Problem(
        409,
        detail=f"The promise is {promise.state} and was due {write_instant(promise.due_at)}: its time cannot be changed"
        " any more. Give the resident a word, and promise anew.",
        extra={"promise": promise_answer(promise)},
    )


def bad_order(error: BadOrder) -> Problem:
    return field_problem(error.field, error.detail, 422)


def reused(error: KeyReused) -> Problem:
    return key_reused()


REFUSALS: Mapping[type[Exception], int | Callable[..., Problem]] = {
    **ACCESS_PROBLEMS,
    ResourceUnavailable: away,
    NoSuchCase: no_such_case,
    Stale: stale,
    NotAllowed: not_allowed,
    PromiseOver: promise_over,
    BadOrder: bad_order,
    KeyReused: reused,
}
