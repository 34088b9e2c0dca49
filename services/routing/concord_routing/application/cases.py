"""The desk at which cases are worked: commands and what they need, wired from a city and a database."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson

from concord_access import Principal
from concord_city import City
from concord_routing.application.check_deadlines import examine_promises, examine_silence
from concord_routing.application.execute_command import KEY_LIFETIME, Answered, Command, CommandHandler, NoSuchCase
from concord_routing.domain.acts import require_to_see
from concord_routing.domain.case import Case, read_case_id
from concord_routing.entrypoints.request_schemas import read_order
from concord_routing.entrypoints.responses import case_now_answer, case_whole_answer
from concord_routing.preconditions import read_key, read_version

KEYS_AT_ONCE = 5000


class Transactions(Protocol):
    """What the desk needs of the service's runtime."""

    def work(self) -> AbstractContextManager[Any]: ...

    def read(self) -> AbstractContextManager[Any]: ...


class Desk:
    """Carries out commands, shows cases, and keeps watch over what was promised."""

    def __init__(
        self,
        city: City,
        transactions: Transactions,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        open_words: Callable[[str], str | None] = lambda sealed: None,
        watchers: int = 1,
    ) -> None:
        """`open_words` reads a resident's reason that is kept encrypted; None where it cannot be read any more.

        `watchers` is how many may `examine` at once.
        """
        self.watchers = watchers
        self._handle = CommandHandler(city, _render)
        self._transactions = transactions
        self._clock = clock
        self._city = city
        self._open_words = open_words

    def order(
        self, command: str, case_id: str, raw: Any, who: Principal, if_match: str | None, key: str | None = None
    ) -> Answered:
        """Carry out a command; the answer, once it is committed.

        Raises Problem for headers, ValidationError and BadOrder for fields, NoSuchCase, Stale, NotAllowed (of access,
        of the workflow), KeyReused, ResourceUnavailable when the database is away.
        """
        version, found = read_version(if_match), read_case_id(case_id)
        once = read_key(key, [*_grant(who), command, found, version, raw])
        ordered = Command(found, version, read_order(command, raw), who, once)
        with self._transactions.work() as work:
            return self._handle(ordered, work)

    def show(self, case_id: str, who: Principal) -> tuple[int, dict[str, Any]]:
        """A case's version, and the case with its history. Raises NoSuchCase, NotAllowed of access."""
        with self._transactions.read() as store:
            case = store.case(read_case_id(case_id))
            history = store.history(case.case_id) if case else []
            promises = store.promises(case.case_id) if case else []
        if case is None:
            raise NoSuchCase
        require_to_see(who, case)
        return case.version, case_whole_answer(case, history, promises, self._open_words)

    def examine(self) -> bool:
        """One transaction of looking at promises and silences whose time has come; whether there may be more."""
        with self._transactions.work() as work:
            seen = examine_promises(work), examine_silence(work, self._city)
        return any(seen)

    def forget_keys(self) -> int:
        """Drop idempotency keys whose day has passed; how many were dropped."""
        with self._transactions.work() as work:
            dropped: int = work.store.forget_keys(self._clock() - KEY_LIFETIME, KEYS_AT_ONCE)
        return dropped


def _grant(who: Principal) -> list[Any]:
    """As JSON: an answer is given again only to the same sender with the same grant."""
    return [who.subject, who.role, *(sorted(each) for each in (who.teams, who.areas, who.actions))]


def _render(case: Case) -> str:
    return orjson.dumps(case_now_answer(case)).decode()
