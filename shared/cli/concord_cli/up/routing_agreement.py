"""Agreement: how often routing chose the area that the city itself recorded. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from concord_cli.common.records import Record


@dataclass(frozen=True, slots=True)
class Decision:
    """Routing's decision for a concern: an area, or the reason why a person must choose."""

    area: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Share:
    """`agreeing` of `compared` records."""

    agreeing: int
    compared: int

    @property
    def percent(self) -> float | None:
        return 100 * self.agreeing / self.compared if self.compared else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Shares of the records with a point and a recorded area; `located` excludes placeholder points."""

    located: Share
    all: Share


def agreement(records: Iterable[Record], concerns: Mapping[str, str], decisions: Mapping[str, Decision]) -> Agreement:
    """Compare. `concerns` has concern ids by record id, `decisions` by concern id. A missing decision disagrees."""
    agreeing = compared = placeholders = placeholders_agreeing = 0
    for record in records:
        if record.point is None or record.area is None:
            continue
        decision = decisions.get(concerns.get(record.id, ""), Decision(None, None))
        agrees = decision.area == record.area
        compared += 1
        agreeing += agrees
        if decision.reason == "placeholder":
            placeholders += 1
            placeholders_agreeing += agrees
    located = Share(agreeing - placeholders_agreeing, compared - placeholders)
    return Agreement(located, Share(agreeing, compared))
