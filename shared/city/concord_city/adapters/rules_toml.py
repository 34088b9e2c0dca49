"""rules.toml: the ordered rules."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from concord_city.adapters.time_windows import BadTime, span, week_times
from concord_city.adapters.toml_reader import Table, suggestion
from concord_city.domain.model import AREA_IN_TEAM, CHANNELS, WEEKDAYS, Rule, Span, WeekTimes

SPAN_EXAMPLE = '"8 working hours" or "48 clock hours"'
HOURS_EXAMPLE = 'hours = "22:00-06:00"'


@dataclass(frozen=True, slots=True)
class Known:
    """The codes that a rule may use. None means an unreadable file, which is not an error of the rule."""

    areas: Collection[str] | None
    categories: Collection[str] | None
    teams: Collection[str] | None
    working_hours: bool


def read_rules(root: Table, known: Known) -> tuple[Rule, ...]:
    """Return all rules in order. The result is valid only without findings."""
    rules = [_rule(table, known) for table in root.tables("rule")]
    root.done()
    return tuple(rule for rule in rules if rule is not None)


def _rule(table: Table, known: Known) -> Rule | None:
    name = table.text("name", 'name = "noise at night"', required=False)
    areas = _codes(table, "areas", known.areas, "area", 'areas = ["A1"]')
    categories = _codes(table, "categories", known.categories, "category", 'categories = ["noise"]')
    channels = _codes(table, "channels", CHANNELS, "channel", 'channels = ["phone"]')
    times = _times(table)
    team = table.text("team", 'team = "public-works"')
    acknowledge, respond = (_span(table, key, known) for key in ("acknowledge", "respond"))
    table.done()
    if team is None or acknowledge is None or respond is None:
        return None
    rule = Rule(team, acknowledge, respond, areas, categories, channels, times, name)
    _check_team(table, rule, known)
    _check_promise(table, rule)
    return rule


def _codes(table: Table, key: str, known: Collection[str] | None, what: str, example: str) -> frozenset[str] | None:
    if known is None:
        values = table.texts(key, example, required=False)
    else:
        values = table.choices(key, list(known), what, example)
    return None if values is None else frozenset(values)


def _times(table: Table) -> WeekTimes | None:
    days = table.choices("weekdays", WEEKDAYS, "weekday", 'weekdays = ["sat", "sun"]')
    numbers = None if days is None else [WEEKDAYS.index(day) for day in days if day in WEEKDAYS]
    try:
        return week_times(_ranges(table), numbers)
    except BadTime as error:
        table.error("hours", str(error), f"write {HOURS_EXAMPLE}")
        return None


def _ranges(table: Table) -> Sequence[Any] | None:
    if isinstance(table.values.get("hours"), list):
        return table.texts("hours", HOURS_EXAMPLE)
    value = table.text("hours", HOURS_EXAMPLE, required=False)
    return None if value is None else [value]


def _span(table: Table, key: str, known: Known) -> Span | None:
    value = table.text(key, f"{key} = {SPAN_EXAMPLE}")
    if value is None:
        return None
    try:
        length = span(value)
    except BadTime as error:
        table.error(key, str(error), f"write {key} = {SPAN_EXAMPLE}")
        return None
    if length.counts == "working" and not known.working_hours:
        table.error(key, f"{key!r} counts working hours, but the city has none", "add [working_hours] to city.toml")
    return length


def _check_team(table: Table, rule: Rule, known: Known) -> None:
    if known.teams is None:
        return
    areas = rule.areas if rule.areas is not None else known.areas
    if known.areas is not None:
        areas = set(known.areas).intersection(areas or ())
    if AREA_IN_TEAM not in rule.team:
        areas = [""]
    for area in sorted(areas or ()):
        code = rule.team_in(area)
        if code not in known.teams:
            table.error("team", f"unknown team {code!r}", suggestion(code, known.teams))


def _check_promise(table: Table, rule: Rule) -> None:
    same = rule.acknowledge.counts == rule.respond.counts
    if same and rule.respond.length < rule.acknowledge.length:
        table.source.warning(
            (*table.path, "respond"),
            "the response is due before the acknowledgement",
            "allow at least as much time for the response as for the acknowledgement",
        )
