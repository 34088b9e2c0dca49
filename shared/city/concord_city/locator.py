"""Finds the area of each point of a batch."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from concord_city.domain.model import City, Located
from concord_city.geometry import Metres, local_metres

Index = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
NOWHERE = Located(None, reason="no_location")
OUTSIDE = Located(None, reason="outside")
PLACEHOLDER = Located(None, reason="placeholder")
CORE_MARGIN_M = 2.0


class Locator:
    """Finds the area of points.

    Most points lie well inside one area. The constructor therefore prepares each area's core: the part that is farther
    than the border distance from its own border and from its neighbours. The other points need an exact test.
    """

    def __init__(self, city: City) -> None:
        outlines = [area.outline for area in city.areas.values()]
        self._local = local_metres(outlines)
        self._shapes = np.array([self._local.shape(outline) for outline in outlines], dtype=object)
        self._border_m = city.border_m
        self._edges = shapely.boundary(self._shapes)
        self._cores = _cores(self._shapes, city.border_m)
        for prepared in (self._shapes, self._edges, self._cores):
            shapely.prepare(prepared)
        self._core_tree = shapely.STRtree(self._cores)
        reach = shapely.bounds(self._shapes) + np.array([-1, -1, 1, 1]) * (city.border_m + 1)
        self._reach_tree = shapely.STRtree(np.array(shapely.box(*reach.T)))
        placeholders = np.array([(at.lon, at.lat) for at in city.placeholders]).reshape(-1, 2)
        self._placeholders = self._local.points(placeholders)
        self._tolerance_m = np.array([at.tolerance_m for at in city.placeholders])
        self._results = np.array(
            [NOWHERE, OUTSIDE, PLACEHOLDER]
            + [Located(code, border) for code in city.areas for border in (False, True)],
            dtype=object,
        )

    def locate_all(self, points: Sequence[tuple[float, float] | None]) -> list[Located]:
        """Return one result for each point (longitude, latitude in WGS 84 degrees, or None), in order.

        - A point within the border distance of any area's border gets the mark `border`.
        - A point in no area, but within that distance of one, belongs to the nearest area.
        - A point in two areas belongs to the first one in the file.
        """
        if not len(points):
            return []
        metres = self._local.points(_array(points))
        answer = np.zeros(len(points), dtype=np.intp)
        open_points = np.flatnonzero(np.isfinite(metres).all(axis=1))
        answer[open_points] = 1
        open_points = self._take_placeholders(metres, open_points, answer)
        open_points = self._take_cores(metres, open_points, answer)
        if len(open_points):
            answer[open_points] = self._exact(metres[open_points])
        return self._results[answer].tolist()  # type: ignore[no-any-return]

    def _take_placeholders(self, metres: Metres, at: Index, answer: Index) -> Index:
        if not len(self._placeholders) or not len(at):
            return at
        away = metres[at, None, :] - self._placeholders[None, :, :]
        inside = (np.hypot(away[..., 0], away[..., 1]) <= self._tolerance_m).any(axis=1)
        answer[at[inside]] = 2
        return at[~inside]

    def _take_cores(self, metres: Metres, at: Index, answer: Index) -> Index:
        """Assign the points in cores and return the rest. Cores do not overlap."""
        some = metres[at]
        point, area = self._core_tree.query(shapely.points(some))
        inside = shapely.contains_xy(self._cores[area], some[point, 0], some[point, 1])
        point, area = point[inside], area[inside]
        answer[at[point]] = _code(area, border=False)
        rest = np.ones(len(at), dtype=bool)
        rest[point] = False
        return at[rest]

    def _exact(self, metres: Metres) -> Index:
        answer = np.ones(len(metres), dtype=np.intp)
        point, area = self._reach_tree.query(shapely.points(metres))
        candidates = shapely.points(metres[point])
        inside = shapely.intersects(self._shapes[area], candidates)
        near = shapely.dwithin(self._edges[area], candidates, self._border_m)
        border = np.zeros(len(metres), dtype=bool)
        border[point[near]] = True
        homes = np.bincount(point[inside], minlength=len(metres))
        border |= homes > 1
        first = np.full(len(metres), len(self._shapes), dtype=np.intp)
        np.minimum.at(first, point[inside], area[inside])
        answer[homes > 0] = _code(first, border)[homes > 0]
        self._take_nearest(answer, homes, point[near], area[near], candidates[near])
        return answer

    def _take_nearest(
        self, answer: Index, homes: Index, point: Index, area: Index, candidates: npt.NDArray[np.object_]
    ) -> None:
        """Assign the points near an area but in none. They are few, so this computes every distance."""
        stray = homes[point] == 0
        point, area = point[stray], area[stray]
        distance = shapely.distance(self._shapes[area], candidates[stray])
        for one in np.lexsort((area, distance))[::-1]:
            answer[point[one]] = 4 + 2 * area[one]


def _code(area: Index, border: Flags | bool) -> Index:
    """Return the index in the list of results: three reasons, then each area without and with the border mark."""
    return 3 + 2 * area + border


def _array(points: Sequence[tuple[float, float] | None]) -> Metres:
    """Return an array of shape (n, 2), with NaN for None."""
    nowhere = (np.nan, np.nan)
    return np.array([nowhere if point is None else point for point in points], dtype=np.float64)


def _cores(shapes: npt.NDArray[np.object_], border_m: float) -> npt.NDArray[np.object_]:
    """Return the part of each area that is farther than the border distance from every border.

    Buffers draw arcs as chords, and the simplification moves lines by up to half the margin. The margin covers both
    inaccuracies.
    """
    shrunk = shapely.buffer(shapes, -(border_m + CORE_MARGIN_M))
    grown = shapely.buffer(shapes, border_m + CORE_MARGIN_M)
    tree = shapely.STRtree(grown)
    cores = []
    for index, core in enumerate(shrunk):
        others = [grown[other] for other in tree.query(core, predicate="intersects") if other != index]
        alone = shapely.difference(core, shapely.union_all(others)) if others else core
        cores.append(shapely.simplify(alone, CORE_MARGIN_M / 2))
    return np.array(cores, dtype=object)
