"""Reads what was sent into what was said."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from concord_contracts.serialization import FallBackToSchema
from concord_intake.domain.concern import Contact, Past, Said
from concord_intake.entrypoints.concern_parser import plainly
from concord_intake.entrypoints.request_schemas import ConcernForm, LineForm


class ConcernReader:
    """Reads single concerns. `language` and `channel` stand where the reporter gave none."""

    form: type[ConcernForm] = ConcernForm
    channel = "web"

    def __init__(self, categories: Collection[str], language: str, clock: Callable[[], datetime]) -> None:
        self._categories = categories
        self._language = language
        self._clock = clock
        self._schema = self.form(categories, clock)
        self._known = frozenset(self._schema.fields)

    def read(self, raw: Any) -> Said:
        """Raises marshmallow's ValidationError, which names each field and what to do."""
        return self._said(self._values(raw))

    def _values(self, raw: Any) -> Mapping[str, Any]:
        try:
            values = plainly(raw, self._known, self._categories, self._clock())
        except FallBackToSchema:
            return self._judged(raw)
        if self.form.place_required and values["point"] is None and values["address"] is None:
            return self._judged(raw)
        return values

    def _judged(self, raw: Any) -> Mapping[str, Any]:
        loaded: Mapping[str, Any] = self._schema.load(raw)
        return loaded

    def _said(self, values: Mapping[str, Any]) -> Said:
        language = values["language"] or self._language
        point, contact = values["point"], values["contact"]
        return Said(
            values["category"],
            values["description"],
            (point["lon"], point["lat"]) if point else None,
            values["address"],
            values["occurred_at"],
            values["channel"] or self.channel,
            language,
            _contact(contact, language) if contact else None,
            _past(values),
        )


class LineReader(ConcernReader):
    """Reads lines of a batch."""

    form = LineForm
    channel = "import"

    def read_line(self, raw: Any) -> tuple[str, Said]:
        """The line's id and what was said. Raises marshmallow's ValidationError."""
        values = self._values(raw)
        return values["id"], self._said(values)


def _past(values: Mapping[str, Any]) -> Past | None:
    reported = values.get("reported_at")
    return Past(reported, values["promised_by"], values["closed_at"]) if reported else None


def _contact(values: Mapping[str, Any], language: str) -> Contact:
    return Contact(values["name"], values["email"], values["phone"], values["language"] or language)
