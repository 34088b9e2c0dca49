"""Reads the cells of one row, and collects all of its faults and notes. Pure."""

from collections import Counter
from datetime import datetime

from concord_cli.records.closing import NoClosingTime
from concord_cli.records.csv_rows import Row
from concord_cli.records.ids import fault_of_id, made_id
from concord_cli.records.moments import BadTime, Moment
from concord_cli.records.places import BadPlace, Point
from concord_cli.records.reading_rules import Rules
from concord_cli.records.rows import Fault, Note
from concord_contracts.messages.intake import CHANNELS, DESCRIPTION_LIMIT

NOT_OVER = "the closing day or month is not over, so the record counts as open; the next import closes it"
IN_FUTURE = "'{}' is in the future; correct it"


class RowReading:
    """One row. Each method reads a part; a part with a fault is None or empty."""

    __slots__ = ("_index", "_rules", "cells", "faults", "line", "notes")

    def __init__(self, rules: Rules, row: Row) -> None:
        self._rules, self._index, self.line = rules, rules.columns.index, row.line
        self.cells = [*map(str.strip, row.cells), ""]
        if rules.mapping.empty:
            self.cells = ["" if cell in rules.mapping.empty else cell for cell in self.cells]
        self.faults: list[Fault] = []
        self.notes: list[Note] = []

    def cell(self, role: str) -> str:
        return self.cells[self._index[role]]

    def fault(self, role: str, text: str) -> None:
        self.faults.append(Fault(self._name(role), text))

    def note(self, role: str, text: str) -> None:
        self.notes.append(Note(self.line, self._name(role), text))

    def _name(self, role: str) -> str:
        return self._rules.columns.name.get(role, role)

    def id(self, made: Counter[bytes]) -> str:
        text, parts = self.cell("id"), self._rules.columns.id_from
        if not text and parts:
            return made_id([self.cells[at] for at in parts], made)
        if fault := fault_of_id(text):
            self.fault("id", fault)
        return text

    def category(self, unmapped: Counter[str]) -> str:
        text = self.cell("category")
        if not text and self._rules.mapping.categories.default is None:
            self.fault("category", "must not be empty")
            return ""
        code, known = self._rules.mapping.categories.code(text), self._rules.categories
        if code is None:
            unmapped[text] += 1
            self.fault("category", f"'{text}' has no code; add it to [categories.codes], or set a default")
            return ""
        if known is not None and code not in known:
            unmapped[text] += 1
            what = f"'{code}'" if code == text else f"'{text}' ({code})"
            self.fault("category", f"{what} is not a category of the city; give it a code of categories.toml")
        return code

    def text(self) -> str:
        texts = self._rules.columns.texts
        text = self.cells[texts[0]] if len(texts) == 1 else ", ".join(filter(None, map(self.cells.__getitem__, texts)))
        if len(text) > DESCRIPTION_LIMIT:
            self.fault("text", f"has {len(text)} characters; the maximum is {DESCRIPTION_LIMIT}")
        if "\0" in text:
            self.fault("text", "has the NUL character; remove it")
        return text or self.cell("category")

    def time(self, role: str) -> Moment | None:
        if not (text := self.cells[self._index[role]]):
            return None
        try:
            moment = self._rules.times.read(text)
        except BadTime as error:
            self.fault(role, str(error))
            return None
        if moment and moment.note:
            self.note(role, moment.note)
        return moment

    def opened(self) -> Moment | None:
        """Return when the record was opened, from one cell or from a cell for each part."""
        columns = self._rules.columns.time_parts
        parts = [self.cells[at] for at in columns] if columns else []
        moment = self._of_parts(parts) if parts else self.time("time")
        if moment and moment.first > self._rules.latest:
            self.fault("time", IN_FUTURE.format("-".join(parts) or self.cell("time")))
        return moment

    def _of_parts(self, texts: list[str]) -> Moment | None:
        if not any(texts):
            return None
        try:
            moment = self._rules.times.read_parts(texts)
        except BadTime as error:
            self.fault("time", str(error))
            return None
        if moment and moment.note:
            self.note("time", moment.note)
        return moment

    def closed(self, opened: Moment | None) -> datetime | None:
        """Return the closing time. A day or month counts at its end; before its end the record counts as open."""
        closing = closed = self.time("closed")
        if status := self.cell("status"):
            closing = self._by_status(status, closed, opened)
        if closing is None:
            return None
        if closing.first > self._rules.latest:
            self.fault("closed", IN_FUTURE.format(self.cell("closed") or self.cell("updated")))
        if closing.precision != "second" and closing.last > self._rules.now:
            self.note("closed", NOT_OVER)  # the present time would differ at every import
            return None
        return closing.last

    def _by_status(self, status: str, closed: Moment | None, opened: Moment | None) -> Moment | None:
        updated = self.time("updated") if not closed and self._rules.status.is_closed(status) else None
        try:
            closing = self._rules.status.closing(status, closed, updated, opened)
        except NoClosingTime as error:
            self.fault("status", str(error))
            return None
        if closing and closing is opened and not closed:
            self.note("status", f"'{status}' means closed, but nothing says when; it counts as closed at the opening")
        if closed and closing is None:
            self.note("status", f"'{status}' means open; the closing time is not used")
        return closing

    def point(self) -> Point | None:
        places = self._rules.places
        try:
            return places.read(self.cell("lon"), self.cell("lat")) or places.read_pair(self.cell("point"))
        except BadPlace as error:
            for role, text in error.faults.items():
                self.fault(role, text)
            return None

    def area(self) -> str | None:
        text = self.cell("area")
        code = self._rules.mapping.areas.code(text) if text else None
        return (text if code is None else code) or None

    def channel(self) -> str:
        text, channels = self.cell("channel"), self._rules.mapping.channels
        if not text:
            return channels.default or "import"
        code = (channels.code(text) or "").lower()
        if code not in CHANNELS:
            self.fault(
                "channel", f"'{text}' is not a channel; use one of {', '.join(CHANNELS)}, or add it to [channels.codes]"
            )
            return ""
        return code
