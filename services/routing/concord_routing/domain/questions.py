"""Questions of the team to the resident: how long one is open, and when it counts as unanswered."""

from dataclasses import replace
from datetime import datetime

from concord_routing.domain.case import WAITING, Case


def with_question_timer(before: Case, case: Case, now: datetime, *, asks: bool) -> Case:
    """Return the case after a command at `now`, with the time of the open question. Another question starts anew."""
    if case.state != WAITING:
        return replace(case, asked_at=None)
    return replace(case, asked_at=now if asks else before.asked_at)


def question_is_over(before: Case, case: Case) -> bool:
    """Return whether a command ended the wait for the answer to a question, or asked another one."""
    asked_again = case.asked_at is not None and case.asked_at != before.asked_at
    return before.state == WAITING and (case.state != WAITING or asked_again)
