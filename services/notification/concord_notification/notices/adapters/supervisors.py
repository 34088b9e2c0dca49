"""The supervisors of the live city's teams."""

from collections.abc import Callable, Iterator, Mapping

from concord_city import City


class LiveSupervisors(Mapping[str, str]):
    """The e-mail address of each team's supervisor, by the team's code; `city` returns the live city."""

    def __init__(self, city: Callable[[], City]) -> None:
        self._city = city

    def __getitem__(self, team: str) -> str:
        address = self._city().teams[team].supervisor
        if address is None:
            raise KeyError(team)
        return address

    def __iter__(self) -> Iterator[str]:
        return (team.code for team in self._city().teams.values() if team.supervisor)

    def __len__(self) -> int:
        return sum(1 for _ in self)
