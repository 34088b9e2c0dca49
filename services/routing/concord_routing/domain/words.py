"""An officer's words on their way to the resident: to notification, which writes, and to intake, which shows them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from concord_contracts.messages import WordGiven, WordRecorded
from concord_routing.domain import commands as o
from concord_routing.domain.case import Case


def words_for(
    case: Case, order: o.Order, cause_id: str, cause_sequence: int, now: datetime
) -> Iterator[WordGiven | WordRecorded]:
    """The same words for both; none for an order that says nothing to the resident."""
    said = _said(case, order)
    if said is None:
        return
    about = {"where_to_go": None, "partner": None, "due_at": None} | said
    for message in (WordGiven, WordRecorded):
        yield message(
            concern_id=case.concern_id,
            case_id=case.case_id,
            cause_id=cause_id,
            cause_sequence=cause_sequence,
            given_at=now,
            **about,
        )


def _said(worked: Case, order: o.Order) -> dict[str, Any] | None:
    match order:
        case o.Update():
            return {"word": "update", "words": order.message}
        case o.GivePromise():
            return {"word": "update", "words": order.message, "due_at": order.due_at}
        case o.Renegotiate():
            return {"word": "renegotiate", "words": order.reason, "due_at": order.due_at}
        case o.Refer():
            return {"word": "refer", "words": order.reason, "partner": order.to}
        case o.Resolve():
            return {"word": "resolve", "words": order.reason}
        case o.Decline():
            return {"word": "decline", "words": order.reason, "where_to_go": order.where_to_go}
        case o.Reopen(reason=str(reason)):
            return {"word": "reopen", "words": reason, "due_at": worked.respond_by}
    return None
