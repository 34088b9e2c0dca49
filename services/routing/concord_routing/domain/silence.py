"""Silence: an open case of which the resident has heard no word for days."""

from dataclasses import replace
from datetime import datetime, timedelta

from concord_city import City
from concord_contracts import messages as m
from concord_routing.domain.case import TRIAGE, Case
from concord_routing.domain.promise import WORDS
from concord_routing.domain.promise_telling import About
from concord_routing.domain.workflow import REFERRED, WITH_TEAM

OPEN_STATES = (TRIAGE, *WITH_TEAM, REFERRED)
SPOKEN = (*WORDS, "renegotiate", "reopen")
"""Commands by which an officer gives the resident a word. Passing a case to another team is none."""


def listened(before: Case, case: Case, command: str, city: City, now: datetime) -> Case:
    """The case with the time at which its silence will be noticed, after a command at `now`."""
    spoken = command in SPOKEN
    last_word_at = now if spoken else before.last_word_at
    if case.state not in OPEN_STATES:
        return replace(case, last_word_at=last_word_at, silent_at=None)
    silent_at = now + timedelta(days=city.silence_days) if spoken else before.silent_at
    return replace(case, last_word_at=last_word_at, silent_at=silent_at)


def fell_silent(case: About, last_word_at: datetime, days: int, now: datetime) -> m.ConcernFellSilent:
    """Noticed when the days had passed, however late a timer came to look."""
    return m.ConcernFellSilent(
        concern_id=case.concern_id,
        case_id=case.case_id,
        category=case.category,
        area=case.area,
        team=case.team,
        channel=case.channel,
        last_word_at=last_word_at,
        noticed_at=min(last_word_at + timedelta(days=days), now),
        days=days,
    )
