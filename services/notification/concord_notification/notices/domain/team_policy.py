"""The rules for mails to teams: what a team hears of its cases, and what makes such a mail wrong.

A mail to a team states facts alone. It goes to the team's address in the city folder, at once or in a daily digest.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from concord_notification.notices.domain.concern import Concern, Decision, Kind, newer
from concord_notification.notices.domain.notice_policy import (
    AT_RISK,
    ENDED,
    TURNED,
    ends_promise,
    is_of_import,
)

TEAM = "team"
"""The recipient of a mail to a team about one event, in place of the contact's event id."""

DIGEST = "digest"
"""The recipient of a team's daily digest, in place of the contact's event id."""

OVERTAKEN_FOR_TEAM: Mapping[Kind, frozenset[Kind]] = {
    "routed": TURNED | {"routed", "unroutable"},
    "reassigned": ENDED | {"reassigned", "reopened"},
    "reopened": ENDED | {"reassigned", "reopened"},
    "answered": ENDED | {"reassigned"},
    AT_RISK: ENDED | {"reassigned", "reopened", "acknowledged", "update", "renegotiated", "missed", AT_RISK},
}
"""For each kind that a team hears of, the later kinds that make its mail wrong: another team has it, or it is over."""


@dataclass(frozen=True, slots=True)
class TeamMailbox:
    """The address of a team that gets mails. `digest_at` is the local time of its daily digest, None for at once."""

    address: str
    digest_at: time | None = None


@dataclass(frozen=True, slots=True)
class DigestLine:
    """An event that waits for the digest of its team. `digest_id` is the delivery that takes it, once one does."""

    cause_id: str
    concern_id: str
    team: str
    digest_id: str | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """The events that one digest tells a team, the oldest first."""

    team: str
    decisions: tuple[Decision, ...]


def team_notices(concern: Concern) -> Iterator[Decision]:
    """Yield each decision that its team hears of, unless something later made the mail wrong.

    Nothing of an imported past is among them, and nothing of a concern that its reporter has withdrawn.
    """
    if concern.withdrawn:
        return
    for decision in concern.decisions:
        if decision.kind in OVERTAKEN_FOR_TEAM and decision.team and not decision.past:
            of_import = decision.kind == AT_RISK and is_of_import(decision, concern)
            if not of_import and not any(_overtakes(later, decision) for later in concern.decisions):
                yield decision


def _overtakes(later: Decision, decision: Decision) -> bool:
    if later.kind not in OVERTAKEN_FOR_TEAM[decision.kind] or not newer(later, decision):
        return False
    return decision.kind != AT_RISK or later.kind == "reassigned" or ends_promise(later, decision)


def digest_of(team: str, lines: Collection[DigestLine], concerns: Sequence[Concern]) -> Digest:
    """Return the digest of these lines, without what is wrong by now."""
    causes = {line.cause_id for line in lines}
    current = [each for concern in concerns for each in team_notices(concern) if each.event_id in causes]
    return Digest(team, tuple(sorted(current, key=lambda each: (each.decided_at, each.event_id))))


def next_digest(digest_at: time, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the next time after `now` at which the clocks of the zone show `digest_at`, in UTC.

    On the day on which the clocks skip that time, it is as long after midnight as on other days.
    """
    today = now.astimezone(zone).date()
    times = (datetime.combine(today + timedelta(days=days), digest_at, zone).astimezone(UTC) for days in range(3))
    return next(each for each in times if each > now)
