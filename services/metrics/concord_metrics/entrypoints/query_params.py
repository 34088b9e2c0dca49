"""Query parameters of the routes, and the questions that they ask."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from concord_metrics.application.result_cache import ResultCache
from concord_metrics.application.summary_queries import durations_of
from concord_metrics.domain.aggregates import NONE
from concord_metrics.domain.case_timeline import DurationsByGroup
from concord_metrics.domain.period import Period, parse_moment, parse_period
from concord_metrics.ports import Store
from concord_web import params
from concord_web.params import Parameter, Values

NO_AREA = "_"
"""Value of `area` for concerns without one, as in the routing keys."""


def _moment(name: str, description: str) -> Parameter[str | None]:
    """A date or a moment as text; PeriodQuery parses it in the city's time zone."""
    return Parameter(name, description, {"type": "string"}, str, None)


FROM = _moment("from", "first day (2026-11-22, of the city) or moment (RFC 3339), inclusive")
TO = _moment("to", "last day, inclusive, or moment, exclusive")
AREA = params.code("area", f"code of one area; `{NO_AREA}` for concerns without one")
CATEGORY = params.code("category", "code of one category")
AS_OF = _moment("as_of", "moment until which open concerns wait; the default is now")
PERIOD = (FROM, TO, AS_OF)
"""Parameters that PeriodQuery reads."""


@dataclass(frozen=True, slots=True)
class PeriodQuery:
    """The period of a request in the city's time zone; `as_of` is None for now."""

    period: Period
    zone: tzinfo
    as_of: datetime | None

    @classmethod
    def of(cls, values: Values, zone: tzinfo) -> "PeriodQuery":
        """Raises InvalidPeriod."""
        return cls(parse_period(values[FROM], values[TO], zone), zone, parse_moment("as_of", values[AS_OF], zone))

    @property
    def moment(self) -> datetime:
        return self.as_of or datetime.now(UTC)

    def as_json(self) -> dict[str, Any]:
        return {"from": self.period.start, "to": self.period.end, "time_zone": str(self.zone)}

    def durations(self, store: Store, cache: ResultCache, area: str | None = None) -> DurationsByGroup:
        """The durations of the concerns of the period, from the cache if it has them."""
        key = ("durations", self.period, area, self.as_of)
        return cache.get(key, lambda: durations_of(store, self.period, area, self.moment))


def stored_area(area: str | None) -> str | None:
    """The area as the aggregates store it: NONE for concerns without one."""
    return NONE if area == NO_AREA else area
