"""Checks of the time zone of city.toml: its place and its clocks against those around the areas."""

from datetime import date

from concord_city.adapters.toml_reader import Source
from concord_city.adapters.zone_places import nearest_zone, place_of, places, share_country
from concord_city.domain.clocks import clocks_of, ever_change
from concord_city.domain.places import Point, distance_km, slip_of

NEAR_KM = 1500.0
FAR_KM = 4500.0
"""Kashgar, which keeps the time of Asia/Shanghai, is 4,150 km away from its place."""


def check_zone(zone: str, middle: Point, facts: Source, areas: Source, today: date) -> None:
    """Report areas that lie far from the zone's place, and a zone with other clocks than those around the areas.

    `middle` is the middle of the areas. Zones that never change their clocks are right where the clocks never change.
    """
    place = place_of(zone)
    same = _same_clocks(zone, middle, today)
    if place is None:
        if not same:
            _warn_of_clocks(zone, middle, facts, today)
        return
    away = distance_km(middle, place)
    slip = slip_of(middle, place, NEAR_KM, signs=not same)
    if slip or (away > FAR_KM and not same):
        _warn_of_distance(zone, away, slip, middle, areas)
    elif not same and _is_elsewhere(zone, away, middle, today):
        _warn_of_clocks(zone, middle, facts, today)


def _is_elsewhere(zone: str, away: float, middle: Point, today: date) -> bool:
    """Return whether a zone far away stands for one nearby: the same country's, or one that changes its clocks."""
    near, near_km = nearest_zone(middle)
    if away < NEAR_KM:
        return False
    lacks_summer_time = not ever_change(clocks_of(zone, today)) and ever_change(clocks_of(near, today))
    return (lacks_summer_time and near_km < away / 3) or (share_country(zone, near) and near_km < away / 5)


def _same_clocks(zone: str, middle: Point, today: date) -> bool:
    """Return whether a zone near the areas has the same clocks. Borders of zones lie anywhere between two places."""
    limit = 1.5 * nearest_zone(middle)[1] + 100
    around = (name for name, place in places().items() if distance_km(middle, place) <= limit)
    clocks = clocks_of(zone, today)
    return any(clocks_of(name, today) == clocks for name in around)


def _warn_of_distance(zone: str, away: float, slip: str | None, middle: Point, areas: Source) -> None:
    nearest = "" if slip else f": the nearest to these is {nearest_zone(middle)[0]!r}"
    areas.warning(
        (),
        f"the areas lie {away:,.0f} km from the place of the time zone {zone}" + (f"; {slip}" if slip else ""),
        f"write each position as [longitude, latitude] with its sign, or correct time_zone in city.toml{nearest}",
    )


def _warn_of_clocks(zone: str, middle: Point, facts: Source, today: date) -> None:
    near, away = nearest_zone(middle)
    if ever_change(clocks_of(zone, today)):
        what = f"the time zone {zone!r} has other clocks than the zones around the areas"
    elif ever_change(clocks_of(near, today)):
        what = f"the time zone {zone!r} never changes its clocks, but those around the areas change twice a year"
    else:
        what = f"the time zone {zone!r} never changes its clocks, and those around the areas show another time"
    facts.warning(("time_zone",), what, f"did you mean {near!r}, the nearest one ({away:,.0f} km)?")
