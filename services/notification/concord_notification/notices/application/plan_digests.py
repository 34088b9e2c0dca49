"""The planner of daily digests: for each team with new events, one delivery at the team's time of day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from concord_notification.notices.domain.delivery import Delivery, plan_digest
from concord_notification.notices.domain.team_policy import TeamMailbox, next_digest
from concord_notification.notices.ports import NoticeStore


@dataclass(frozen=True, slots=True)
class DigestPlanner:
    """Plans a digest for the next time after now. A team without events gets none.

    `teams` gives the teams that get mails, `zone` the time zone of the live city, `language` the city's first language.
    """

    teams: Mapping[str, TeamMailbox]
    zone: Callable[[], ZoneInfo]
    language: Callable[[], str]

    def plan(self, store: NoticeStore, now: datetime) -> None:
        """Plan what is missing. The events of a team that wants no digest any more are dropped."""
        digests = []
        for team in store.teams_without_digest():
            mailbox = self.teams.get(team)
            if mailbox is None or mailbox.digest_at is None:
                store.drop_waiting_lines(team)
            else:
                digests.append(self._digest(team, next_digest(mailbox.digest_at, self.zone(), now)))
        store.add_digests(digests)

    def _digest(self, team: str, due_at: datetime) -> Delivery:
        return plan_digest(team, self.language(), due_at)
