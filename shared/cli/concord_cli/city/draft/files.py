"""The texts of a city folder's files, with comments on what is a guess."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from concord_cli.city.draft.areas import DraftArea
from concord_cli.city.draft.city_draft import AREAS, CATEGORIES, CITY, RULES, TEAMS, CityDraft, Guess, guesses
from concord_cli.city.draft.emergency_words import EMERGENCY_WORDS
from concord_cli.city.draft.shared_points import SharedPoint

TEAM_NAMES = {"en": "Team {}", "es": "Equipo {}"}
OFFICE_HOURS = "09:00-17:00"
WORDS_A_LINE = 8
AREA_RULE = """\
# Read from top to bottom: the first rule that matches decides. A key left out means "any". Put your rules before this
# one, which takes everything. Team {area} stands for the code of the concern's area.

[[rule]]
name = "everything: the team of the area"
team = "team-{area}"
acknowledge = "8 working hours"   # guess
respond = "40 working hours"      # guess
"""


def city_files(draft: CityDraft) -> dict[str, str]:
    """Return the text of each file by its name."""
    return {
        CITY: "\n".join(_city(draft)) + "\n",
        AREAS: areas_geojson(draft.areas.areas),
        CATEGORIES: "\n".join(_categories(draft)),
        TEAMS: "\n".join(_teams(draft)),
        RULES: AREA_RULE,
    }


def toml_text(text: str) -> str:
    """Return the text as a string of TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _city(draft: CityDraft) -> Iterator[str]:
    found = {guess.about: guess for guess in guesses(draft)}
    sources = draft.boundary_file + (f" and {draft.records_file}" if draft.records_file else "")
    yield f"# {_comment(draft.name)}, drafted from {_comment(sources)}. Look at each line with the word guess."
    yield "# Run `concord city check` on this folder after each change."
    yield f"name = {toml_text(draft.name)}{_reason(found.get('name'))}"
    yield f"time_zone = {toml_text(draft.zone.zone)}{_reason(found.get('time_zone'))}"
    languages = ", ".join(map(toml_text, draft.languages))
    yield f"languages = [{languages}]   # the first is the default"
    yield f"emergency_number = {toml_text(draft.emergency_number)}{_reason(found.get('emergency_number'))}"
    yield "border_m = 25   # a concern nearer to a border than this has the mark `border`"
    yield from _hours()
    yield from _emergency_words(draft.languages)
    for point in draft.shared_points:
        yield from _placeholder(point)


def _comment(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _reason(guess: Guess | None) -> str:
    return f"   # guess: {_comment(guess.reason)}" if guess else ""


def _hours() -> Iterator[str]:
    yield from (
        "",
        "# A guess. Promises in working hours pass only while the city is open. It is closed on other days.",
    )
    yield "[working_hours]"
    yield from (f'{day} = "{OFFICE_HOURS}"' for day in ("mon", "tue", "wed", "thu", "fri"))
    yield from ("", "# Fill in the days on which your offices are closed, such as:", '# 2027-01-01 = "New Year\'s Day"')
    yield "[holidays]"


def _emergency_words(languages: Sequence[str]) -> Iterator[str]:
    yield from ("", "# A concern with one of these words gets the emergency number in its answer. Add your own.")
    yield "[emergency_words]"
    for language in languages:
        words = [toml_text(word) for word in EMERGENCY_WORDS.get(language, EMERGENCY_WORDS["en"])]
        yield f"{toml_text(language)} = ["
        for start in range(0, len(words), WORDS_A_LINE):
            yield f"  {', '.join(words[start : start + WORDS_A_LINE])},"
        yield "]"


def _placeholder(point: SharedPoint) -> Iterator[str]:
    """A real place is a comment: it says what to do if it is none."""
    share = f"{point.records:,} records ({point.share:.1%})"
    mark = "" if point.placeholder else "# "
    yield ""
    if point.placeholder:
        yield f"# A guess: {share} are at this point. Concerns here go to triage. Remove it if it is a real place."
    else:
        yield f"# {share} are at this point, most of one recorded area: a real place. If it is none, remove the #."
    yield f"{mark}[[placeholder]]"
    yield from (f"{mark}lon = {point.lon!r}", f"{mark}lat = {point.lat!r}", f'{mark}note = "{share} at one point"')


def _categories(draft: CityDraft) -> Iterator[str]:
    yield "# A name in each language, whether details are sensitive (a guess), and the group that Open311 shows."
    yield ""
    for category in draft.categories:
        yield from ("[[category]]", f"code = {toml_text(category.code)}")
        yield f"name = {_names(dict.fromkeys(draft.languages, category.name))}"
        yield from (f"sensitive = {str(category.sensitive).lower()}", 'group = "General"', "")


def _teams(draft: CityDraft) -> Iterator[str]:
    yield "# A team for each area. It can have addresses: `supervisor` gets a mail about each promise that it missed,"
    yield "# `email` hears of its cases: at once, daily at `digest_at`, or not at all (`none`)."
    yield from ('# email = "north@example.org"', '# mails = "daily"', '# digest_at = "07:00"')
    yield from ('# supervisor = "north-supervisor@example.org"', "")
    for area in draft.areas.areas:
        names = {language: TEAM_NAMES.get(language, "{}").format(area.name) for language in draft.languages}
        yield from ("[[team]]", f"code = {toml_text('team-' + area.code)}", f"name = {_names(names)}", "")


def _names(names: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{toml_text(language)} = {toml_text(name)}" for language, name in names.items()) + " }"


def areas_geojson(areas: Sequence[DraftArea]) -> str:
    """Return a FeatureCollection with one feature a line."""
    features = ",\n".join(json.dumps(_feature(area), ensure_ascii=False, separators=(",", ":")) for area in areas)
    return f'{{"type":"FeatureCollection","features":[\n{features}\n]}}\n'


def _feature(area: DraftArea) -> dict[str, Any]:
    properties = {"area_id": area.code, "area_name": area.name, **area.properties}
    if len(area.polygons) == 1:
        geometry: dict[str, Any] = {"type": "Polygon", "coordinates": area.polygons[0]}
    else:
        geometry = {"type": "MultiPolygon", "coordinates": area.polygons}
    return {"type": "Feature", "properties": properties, "geometry": geometry}
