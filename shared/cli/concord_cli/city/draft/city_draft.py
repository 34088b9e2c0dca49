"""The first draft of a city, and the guesses in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from concord_cli.city.draft.areas import DraftAreas
from concord_cli.city.draft.categories import DraftCategory
from concord_cli.city.draft.shared_points import SharedPoint
from concord_cli.city.draft.zone_guess import ZoneGuess

CITY, AREAS, CATEGORIES, TEAMS, RULES = "city.toml", "areas.geojson", "categories.toml", "teams.toml", "rules.toml"
MAX_LISTED = 4


@dataclass(frozen=True, slots=True)
class Guess:
    """Something that you did not say. `about` is the subject, `change` says how to choose something else."""

    about: str
    value: str
    reason: str
    change: str


@dataclass(frozen=True, slots=True)
class CityDraft:
    """The content of a city folder to be. `given` are the names of the values that the caller chose.

    `areas_by_place` has the codes of recorded areas whose names are not in the boundary file.
    """

    name: str
    zone: ZoneGuess
    emergency_number: str
    languages: tuple[str, ...]
    areas: DraftAreas
    categories: tuple[DraftCategory, ...]
    shared_points: tuple[SharedPoint, ...]
    boundary_file: str
    records_file: str | None
    areas_by_place: Mapping[str, str] = field(default_factory=dict)
    given: frozenset[str] = frozenset()

    @property
    def placeholders(self) -> list[SharedPoint]:
        return [point for point in self.shared_points if point.placeholder]


def guesses(draft: CityDraft) -> list[Guess]:
    """Return the guesses in the order of their weight."""
    return [*_areas(draft), *_where(draft), *_records(draft), *_promises(draft)]


def _areas(draft: CityDraft) -> Iterator[Guess]:
    areas = draft.areas
    if areas.id_property is None:
        numbers = "no property has an id for each area"
        yield Guess(
            "area_id", "numbers in the order of the file", numbers, "add a property to the file, or edit " + AREAS
        )
    elif "id_property" not in draft.given:
        yield Guess("area_id", areas.id_property, _fit(areas.other_ids), "--id-property NAME")
    if areas.name_property is None:
        first = areas.areas[0].name
        yield Guess("area_name", f'such as "{first}"', "no property has a name for each area", "--name-property NAME")
    elif "name_property" not in draft.given:
        yield Guess("area_name", areas.name_property, _fit(areas.other_names), "--name-property NAME")
    if areas.recoded:
        example = next(f'"{text}" is {code}' for text, code in areas.recoded.items())
        yield Guess("codes of areas", example, "a code has letters, digits, - and _ only", f"edit area_id in {AREAS}")
    if areas.joined:
        several = f"{_listed(areas.joined)}: features with one id are parts of one area"
        yield Guess("parts of areas", "joined", several, "--id-property NAME")


def _fit(others: tuple[str, ...]) -> str:
    return f"{_listed(others)} would fit too" if others else "nothing else fits"


def _listed(words: tuple[str, ...]) -> str:
    more = len(words) - MAX_LISTED
    return ", ".join(words[:MAX_LISTED]) + (f" and {more} more" if more > 0 else "")


def _where(draft: CityDraft) -> Iterator[Guess]:
    if "name" not in draft.given:
        yield Guess("name", draft.name, "the name of the folder", "--name NAME")
    if "time_zone" not in draft.given:
        yield Guess("time_zone", draft.zone.zone, _zone_reason(draft.zone), "--time-zone NAME or --country CODE")
    if "emergency_number" not in draft.given:
        reason = f"the usual number in {draft.zone.country}"
        yield Guess("emergency_number", draft.emergency_number, reason, "--emergency-number NUMBER")
    if "languages" not in draft.given:
        yield Guess("languages", ", ".join(draft.languages), "the language of names and mails", "--language CODE")


def _zone_reason(zone: ZoneGuess) -> str:
    if zone.from_mapping:
        return "the mapping of the records names it"
    others = f"; other clocks near: {_listed(zone.others)}" if zone.others else ""
    return f"the zone of the nearest place that tzdata lists ({zone.country}){others}"


def _records(draft: CityDraft) -> Iterator[Guess]:
    if draft.records_file is None:
        yield Guess("categories", f"{len(draft.categories)} to begin with", "no records", "--records FILE")
    else:
        count = f"{len(draft.categories)} of {draft.records_file}"
        yield Guess("categories", count, "their codes come from its texts", f"edit {CATEGORIES} and columns.toml")
    sensitive = tuple(category.code for category in draft.categories if category.sensitive)
    if sensitive:
        yield Guess("sensitive", _listed(sensitive), "by words of their names", f"edit {CATEGORIES}")
    for text, code in draft.areas_by_place.items():
        reason = "nearly all of its records lie there"
        yield Guess("recorded area", f'"{text}" is {code}', reason, "edit [areas.codes] in columns.toml")
    for point in draft.shared_points:
        yield _point(point)


def _point(point: SharedPoint) -> Guess:
    value = f"{point.lon}, {point.lat} (lon, lat)"
    share = f"{point.records:,} records ({point.share:.1%}) are at this point"
    if not point.placeholder:
        change = f"remove the # of this [[placeholder]] in {CITY}"
        return Guess("real place", value, f"{share}, most of one recorded area", change)
    reason = f"{share}, of {point.areas} recorded areas" if point.areas else share
    return Guess("placeholder", value, reason, f"remove this [[placeholder]] from {CITY} if it is a real place")


def _promises(draft: CityDraft) -> Iterator[Guess]:
    yield Guess("teams", "one for each area", "a neighbourhood team", f"edit {TEAMS} and {RULES}")
    yield Guess("rules", "the area's team takes everything", "a first rule", f"put rules before it in {RULES}")
    yield Guess("working_hours", "Monday to Friday 9 to 17", "usual hours", f"edit {CITY}")
    yield Guess("holidays", "none", "each city has its own", f"fill in [holidays] in {CITY}")
