"""The teams of the live city that get mails about their cases."""

from collections.abc import Callable, Iterator, Mapping

from concord_city import City, Team
from concord_notification.notices.domain.team_policy import TeamMailbox


class LiveTeamMailboxes(Mapping[str, TeamMailbox]):
    """The mailbox of each team that gets mails, by the team's code; `city` returns the live city."""

    def __init__(self, city: Callable[[], City]) -> None:
        self._city = city

    def __getitem__(self, team: str) -> TeamMailbox:
        mailbox = _mailbox(self._city().teams[team])
        if mailbox is None:
            raise KeyError(team)
        return mailbox

    def __iter__(self) -> Iterator[str]:
        return (team.code for team in self._city().teams.values() if _mailbox(team))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _mailbox(team: Team) -> TeamMailbox | None:
    if team.email is None or team.mails == "none":
        return None
    return TeamMailbox(team.email, team.digest_at if team.mails == "daily" else None)
