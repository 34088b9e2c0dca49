"""A case in words: what the desk shows of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from concord_city import City
from concord_i18n.dates import format_moment
from concord_i18n.translator import Translator
from concord_routing.application.cases import CaseDetails
from concord_routing.application.read_concern import Concern
from concord_routing.domain.case import Case
from concord_routing.domain.history import HistoryEntry
from concord_routing.domain.promise import Promise
from concord_routing.entrypoints.pages import desk_texts as texts

LATE, SOON = "late", "soon"


@dataclass(frozen=True, slots=True)
class Row:
    """A case on a list."""

    case_id: str
    category: str
    area: str
    team: str
    state: str
    due: str
    standing: str


def row_of(case: Case, city: City, translator: Translator, language: str, now: datetime) -> Row:
    due = "" if case.respond_by is None else texts.time_left(translator, case.respond_by, now)
    standing = {"missed": LATE, "at_risk": SOON}.get(case.promise or "", "")
    if case.respond_by is not None and case.respond_by < now:
        standing = LATE
    return Row(
        case.case_id,
        category_name(case, city, language),
        area_name(case, city, translator),
        team_name(case.team, city, language),
        translator.gettext(texts.STATES.get(case.state, case.state)),
        due,
        standing,
    )


def category_name(case: Case, city: City, language: str) -> str:
    category = city.categories.get(case.category)
    return case.category if category is None else category.name(language)


def area_name(case: Case, city: City, translator: Translator) -> str:
    if case.area is None:
        return translator.gettext("Place unknown")
    area = city.areas.get(case.area)
    return case.area if area is None else area.name


def team_name(code: str | None, city: City, language: str) -> str:
    if code is None:
        return ""
    team = city.teams.get(code)
    return code if team is None else team.name(language)


def place_of(concern: Concern | None) -> str:
    """Return the address or the point of a concern that the officer may read."""
    if concern is None or concern.submission is None:
        return ""
    point = concern.submission.point
    return concern.submission.address or ("" if point is None else f"{point.lat:.5f}, {point.lon:.5f}")


@dataclass(frozen=True, slots=True)
class CaseView:
    """The contents of a case page beyond the resident's words."""

    details: CaseDetails
    city: City
    translator: Translator
    language: str
    now: datetime

    @property
    def title(self) -> str:
        case = self.details.case
        names = (category_name(case, self.city, self.language), area_name(case, self.city, self.translator))
        return ", ".join(names)

    @property
    def row(self) -> Row:
        return row_of(self.details.case, self.city, self.translator, self.language, self.now)

    @property
    def received(self) -> str:
        return self._moment(self.details.case.received_at)

    def promises(self) -> Iterator[dict[str, Any]]:
        for promise in self.details.promises:
            yield self._promise(promise)

    def _promise(self, promise: Promise) -> dict[str, Any]:
        is_open = promise.state == "open"
        outstanding = is_open or promise.outstanding
        left = texts.time_left(self.translator, promise.due_at, self.now) if outstanding else ""
        late = promise.outstanding or (is_open and promise.due_at < self.now)
        return {
            "kind": self.translator.gettext(texts.PROMISES[promise.kind]),
            "due": self._moment(promise.due_at),
            "state": self.translator.gettext(texts.PROMISE_STATES[promise.state]),
            "left": left,
            "standing": LATE if late else SOON if promise.at_risk and is_open else "",
        }

    def history(self) -> Iterator[dict[str, Any]]:
        """Yield the entries, newest first."""
        for entry in reversed(self.details.history):
            yield {
                "version": entry.version,
                "at": self._moment(entry.at),
                "what": self.translator.gettext(texts.HISTORY.get(entry.command, entry.command)),
                "who": self.translator.gettext(texts.ACTORS.get(entry.actor, entry.actor)),
                "words": list(self._words(entry)),
            }

    def _words(self, entry: HistoryEntry) -> Iterator[str]:
        yield from filter(None, (entry.message, entry.reason, entry.where_to_go, entry.referred_to, entry.note))
        if entry.team is not None:
            yield team_name(entry.team, self.city, self.language)
        if entry.due_at is not None:
            yield self.translator.gettext("By %(time)s", time=self._moment(entry.due_at))

    def _moment(self, at: datetime) -> str:
        return format_moment(at, self.language, self.city.zone)
