"""Silence: an open case whose resident got no answer from an officer for `silence_days`."""

from dataclasses import replace
from datetime import datetime, timedelta

from concord_city import City
from concord_routing.domain.case import OPEN_STATES, Case


def with_silence_timer(before: Case, case: Case, city: City, now: datetime, *, ends_silence: bool) -> Case:
    """Return the case after a command at `now`, with the time at which its silence will begin."""
    last_word_at = now if ends_silence else before.last_word_at
    silent_at = now + timedelta(days=city.silence_days) if ends_silence else before.silent_at
    return replace(case, last_word_at=last_word_at, silent_at=silent_at if case.state in OPEN_STATES else None)
