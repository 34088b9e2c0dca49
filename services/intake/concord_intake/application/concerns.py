"""Intake's desk: everything the service does, wired from a city, receipts and a database. It knows no HTTP server."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson

from concord_bus.group_commit import GroupCommit
from concord_city import City
from concord_intake.application.concern_status import look_up
from concord_intake.application.import_concerns import Batch
from concord_intake.application.submit_concern import KEY_LIFETIME, Key, KeyReused, Outcome, TakeIn, TakeInHandler
from concord_intake.application.withdraw_concern import TooLate, withdraw
from concord_intake.domain.receipt import Receipts
from concord_intake.entrypoints.reader import ConcernReader, LineReader
from concord_intake.entrypoints.responses import Answers
from concord_web.line_splitter import LongLine
from concord_web.problem import Problem

LONGEST_KEY = 255
KEYS_AT_ONCE = 5000

NOT_FOUND = (
    "There is no such concern, or the receipt is not its receipt. Send the receipt in the header Concord-Receipt."
)

TOO_LATE = "The city has finished with this concern, so there is nothing left to take back."


class Transactions(Protocol):
    """What the desk needs of the service's runtime."""

    def work(self) -> AbstractContextManager[Any]: ...

    def read(self) -> AbstractContextManager[Any]: ...


class Desk:
    """Takes concerns in, shows what became of them, names the categories."""

    def __init__(
        self,
        city: City,
        receipts: Receipts,
        transactions: Transactions,
        answers: Answers,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        handler = TakeInHandler(receipts)
        language = city.languages[0]
        self._clock = clock
        self._transactions = transactions
        self._answers = answers
        self._reader = ConcernReader(city.categories, language, clock)
        self._group: GroupCommit[TakeIn, Outcome] = GroupCommit(transactions.work, handler)
        self._batch = Batch(LineReader(city.categories, language, clock), self._answers, handler, transactions.work)

    def take_in(self, raw: Any, key: str | None = None, accepted_language: str | None = None) -> dict[str, Any]:
        """Take one concern in; the answer, once it is committed.

        Raises ValidationError naming the fields, Problem for a key that is malformed or was used otherwise,
        ResourceUnavailable when the database is away.
        """
        said = self._reader.read(raw)
        outcome = self._group.submit(TakeIn(said, _key(key, raw)))
        if isinstance(outcome, KeyReused):
            raise _key_problem(422, "was used for another concern within the last day; use a new key for a new one.")
        languages = self._answers.languages
        language = languages.nearest(said.language) if raw.get("language") else languages.negotiate(accepted_language)
        return self._answers.taken_in(outcome, said.description, language)

    def batch(self, lines: Iterable[bytes | LongLine], source: str, *, importer: str | None = None) -> Iterator[bytes]:
        """Take lines in, from an `importer` also such as have a past; answers as lines of JSON, some at a time."""
        return self._batch.run(lines, source, importer=importer)

    def show(self, concern_id: str, receipt: str | None, accepted_language: str | None) -> dict[str, Any]:
        """What became of a concern. Raises Problem 404 unless the receipt is its receipt."""
        with self._transactions.read() as store:
            account = look_up(concern_id, receipt or "", store)
        if account is None:
            raise Problem(404, detail=NOT_FOUND)
        return self._answers.account(account, self._answers.languages.negotiate(accepted_language))

    def withdraw(self, concern_id: str, receipt: str | None, accepted_language: str | None) -> dict[str, Any]:
        """Take a concern back; what became of it. Raises Problem 404 as `show` does, 409 when it is too late."""
        try:
            with self._transactions.work() as work:
                account = withdraw(concern_id, receipt or "", work)
        except TooLate:
            raise Problem(409, detail=TOO_LATE) from None
        if account is None:
            raise Problem(404, detail=NOT_FOUND)
        return self._answers.account(account, self._answers.languages.negotiate(accepted_language))

    def categories(self, accepted_language: str | None) -> dict[str, Any]:
        """The city's categories, named in the language asked for."""
        return self._answers.categories(accepted_language)

    def counts(self) -> dict[str, int]:
        """What intake accounts for."""
        with self._transactions.read() as store:
            counts = store.counts()
        return {"concerns": counts.concerns, "contacts": counts.contacts}

    def forget_keys(self) -> int:
        """Drop idempotency keys whose day has passed; how many were dropped."""
        with self._transactions.work() as work:
            dropped: int = work.store.forget_keys(self._clock() - KEY_LIFETIME, KEYS_AT_ONCE)
        return dropped


def _key(value: str | None, raw: Any) -> Key | None:
    if value is None:
        return None
    if not 1 <= len(value) <= LONGEST_KEY or not (value.isascii() and value.isprintable()):
        raise _key_problem(400, f"must be 1 to {LONGEST_KEY} printable ASCII characters, such as a UUID.")
    return Key(value, orjson.dumps(raw, option=orjson.OPT_SORT_KEYS))


def _key_problem(status: int, text: str) -> Problem:
    error = {"field": "Idempotency-Key", "detail": f"The key {text}"}
    return Problem(status, detail=f"The Idempotency-Key {text}", errors=[error])
