"""Every mistake in a city folder is named with file, line and what to do."""

import re
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Geometry, Point, Polygon, box

from concord_city import CityError, Finding, check, load

from .twoside import edit, feature, geojson, square, write_city


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_city(tmp_path)


def test_nothing_wrong(folder: Path) -> None:
    assert check(folder) == []
    assert load(folder).name == "Twoside"


def test_loaded_values(folder: Path) -> None:
    city = load(folder)
    assert (list(city.areas), list(city.categories), list(city.teams)) == (
        ["west", "east"],
        ["noise", "graffiti"],
        ["works", "team-west"],
    )
    assert city.categories["noise"].name("es-MX") == "Ruido"
    assert city.categories["noise"].name("fr") == "Noise"
    assert city.teams["team-west"].email == "west@example.org"
    assert city.emergency_words == {"en": ("gun",), "es": ("pistola",)}
    assert city.placeholders[0].tolerance_m == 1.0
    assert city.working_hours.week[0] == ((540, 1020),)
    assert city.zone.key == "America/New_York"


def test_holidays_have_names_or_are_a_bare_list(folder: Path) -> None:
    assert load(folder).holidays == {date(2099, 1, 1): ""}
    edit(folder, "city.toml", "holidays = [2099-01-01]\n", "")
    edit(folder, "city.toml", "[emergency_words]", '[holidays]\n2026-11-26 = "Thanksgiving Day"\n\n[emergency_words]')
    city = load(folder)
    assert city.holidays == {date(2026, 11, 26): "Thanksgiving Day"}
    assert city.working_hours.holidays == {date(2026, 11, 26)}


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("holidays = [2026-01-01, 7]", "7 is not a date"),
        ('[holidays]\n2026-13-01 = "New Year"', "'2026-13-01' is not a date"),
        ('[holidays]\neaster = "Easter"', "'easter' is not a date"),
        ("[holidays]\n2099-01-01 = 5", "'2099-01-01' must be a text"),
    ],
)
def test_a_holiday_is_a_date_with_a_name(folder: Path, lines: str, says: str) -> None:
    edit(folder, "city.toml", "holidays = [2099-01-01]\n", "")
    edit(folder, "city.toml", "[emergency_words]", f"{lines}\n\n[emergency_words]")
    assert [each.message for each in check(folder)] == [says]
    assert re.search("20(26|99)-01-01", check(folder)[0].remedy)


def test_when_a_promise_is_at_risk_and_a_case_is_silent(folder: Path) -> None:
    assert (load(folder).at_risk_share, load(folder).silence_days, load(folder).answer_days) == (0.25, 14, 5)
    edit(folder, "city.toml", "border_m = 25\n", "border_m = 25\nat_risk_share = 0.5\nsilence_days = 7\n")
    assert (load(folder).at_risk_share, load(folder).silence_days) == (0.5, 7)
    edit(folder, "city.toml", "at_risk_share = 0.5\nsilence_days = 7\n", "at_risk_share = 2\nsilence_days = 1.5\n")
    assert [each.message for each in check(folder)] == [
        "'at_risk_share' is 2, not between 0 and 1",
        "1.5 is not a whole number",
    ]


def test_a_team_gets_mails_only_if_it_says_so(folder: Path) -> None:
    team = load(folder).teams["team-west"]
    assert (team.mails, team.digest_at) == ("none", time(7))
    edit(folder, "teams.toml", "west@example.org", 'west@example.org"\nmails = "daily"\ndigest_at = "18:30')
    team = load(folder).teams["team-west"]
    assert (team.mails, team.digest_at) == ("daily", time(18, 30))


def test_an_empty_folder_names_every_file(tmp_path: Path) -> None:
    found = check(tmp_path)
    assert [finding.file for finding in found] == [
        "city.toml",
        "areas.geojson",
        "categories.toml",
        "teams.toml",
        "rules.toml",
    ]
    assert {finding.message for finding in found} == {"the file is missing"}


MISTAKES = [
    ("city.toml", 'name = "Twoside"\n', "", None, "the key 'name' is missing", 'add name = "Boston"'),
    ("city.toml", "border_m = 25", "border = 25", None, "'border_m' is missing", "border_m = 25"),
    ("city.toml", "border_m = 25", 'border_m = "25"', 5, "'border_m' must be a number", "border_m = 25"),
    ("city.toml", "border_m = 25", "border_m = true", 5, "'border_m' must be a number", "border_m = 25"),
    ("city.toml", "border_m = 25", "border_m = -1", 5, "not between 0 and 5000", "border_m = 25"),
    ("city.toml", "border_m = 25", "border_m = 25\nbordr = 1", 6, "unknown key 'bordr'", "mean 'border_m'"),
    ("city.toml", "New_York", "New_Yrok", 2, "unknown time zone", "did you mean 'America/New_York'?"),
    ("city.toml", '"911"', '"nine"', 4, "not a telephone number", '"911"'),
    ("city.toml", '["en", "es"]', '["en", "Spanish"]', 3, "'Spanish' is not a language code", '"en"'),
    ("city.toml", '["en", "es"]', "[]", 3, "'languages' is an empty list", '["en", "es"]'),
    ("city.toml", '["en", "es"]', '["en", "en"]', 3, "'en' is listed twice", "remove"),
    ("city.toml", '"09:00-17:00"', '"9-17"', 13, "'9-17' is not a time range", "09:00-17:00"),
    ("city.toml", '"09:00-17:00"', '"17:00-09:00"', 13, "must not pass midnight", "09:00-17:00"),
    ("city.toml", '"09:00-17:00"', '"09:00-25:00"', 13, "an invalid time of day", "09:00-17:00"),
    ("city.toml", '"09:00-17:00"', '"09:00-09:00"', 13, "begins and ends at the same", "09:00-17:00"),
    ("city.toml", '"09:00-17:00"', '["09:00-13:00", "12:00-17:00"]', 13, "overlap", "09:00-12:00"),
    ("city.toml", "mon =", "monday =", 13, "unknown key 'monday'", "did you mean 'mon'?"),
    ("city.toml", "[2099-01-01]", '["2099-01-01"]', 6, "is not a date", "without quotes"),
    ("city.toml", 'es = ["pistola"]\n', "", 8, "the key 'es' is missing", 'es = ["..."]'),
    ("city.toml", "lat = 42.01", "lat = 142.01", 17, "'lat' is 142.01", "lat = "),
    ("city.toml", 'name = "Twoside"', 'name = "Twoside', 1, "not valid TOML", "syntax"),
    (
        "categories.toml",
        'code = "graffiti"',
        'code = "noise"',
        8,
        "duplicate category 'noise', first in line 2",
        "own code",
    ),
    ("categories.toml", 'code = "graffiti"', 'code = "graf.fiti"', 8, "is invalid", "letters, digits"),
    ("categories.toml", ', es = "Grafiti"', "", 9, "the name in the city's language 'es' is missing", 'es = "..."'),
    ("categories.toml", 'es = "Grafiti"', 'es = "Grafiti", fr = "Graffiti"', 9, "unknown key 'fr'", "remove"),
    ("categories.toml", 'es = "Grafiti"', 'es = " "', 9, "'es' is empty", 'es = "..."'),
    ("categories.toml", "sensitive = true", "sensitive = 1", 4, "must be true or false", "sensitive = false"),
    ("categories.toml", 'group = "Streets"\n', "", 7, "the key 'group' is missing", 'group = "Streets"'),
    ("teams.toml", 'code = "team-west"', 'code = "works"', 6, "duplicate team 'works'", "own code"),
    ("teams.toml", 'email = "west@example.org"', 'mails = "daily"', 8, "without an address", "email ="),
    (
        "teams.toml",
        "west@example.org",
        'west@example.org"\nmails = "hourly',
        9,
        "unknown word 'hourly'",
        "write one of",
    ),
    (
        "teams.toml",
        "west@example.org",
        'west@example.org"\ndigest_at = "07:00',
        9,
        "only a team with daily mails",
        "add",
    ),
    (
        "teams.toml",
        "west@example.org",
        'west@example.org"\nmails = "daily"\ndigest_at = "25:00',
        10,
        "'25:00' is not a time of day",
        'write digest_at = "07:00"',
    ),
    ("teams.toml", "west@example.org", "west at example", 8, "not an e-mail address", "works@example.org"),
    ("teams.toml", "west@example.org", "west@[192.0.2.1]", 8, "not the number of a server", "works@example.org"),
    ("teams.toml", 'email = "west@', 'supervisor = "west at', 8, "not an e-mail address", "works@example.org"),
    ("rules.toml", '["west"]', '["wets"]', 2, "unknown area 'wets'", "did you mean 'west'?"),
    ("rules.toml", '"noise"', '"nose"', 4, "unknown category 'nose'", "did you mean 'noise'?"),
    ("rules.toml", '"works"', '"work"', 12, "unknown team 'work'", "did you mean 'works'?"),
    ("rules.toml", '["west"]', '["east"]', 7, "unknown team 'team-east'", "did you mean 'team-west'?"),
    ("rules.toml", '["west"]', "[]", 2, "'areas' is an empty list", "areas ="),
    ("rules.toml", "22:00-06:00", "22-6", 6, "'22-6' is not a time range", "22:00-06:00"),
    ("rules.toml", '["west"]', '["west"]\nchannels = ["fax"]', 3, "unknown channel 'fax'", "web, phone, app"),
    ("rules.toml", '["west"]', '["west"]\nweekdays = ["fir"]', 3, "unknown weekday 'fir'", "did you mean 'fri'"),
    ("rules.toml", "1 clock hours", "1 hour", 8, "'1 hour' is not a duration", "8 working hours"),
    ("rules.toml", "24 clock hours", "0 clock hours", 9, "not between 0 and 8760", "48 clock hours"),
    ("rules.toml", 'team = "works"\n', "", 11, "the key 'team' is missing", 'team = "public-works"'),
    ("areas.geojson", '"area_id": "east", ', "", 3, "'area_id' is missing", "area_id"),
    (
        "areas.geojson",
        '"area_id": "east"',
        '"area_id": 5.5',
        3,
        "'area_id' must be a text or a whole number",
        "area_id",
    ),
    (
        "areas.geojson",
        '"area_id": "east"',
        '"area_id": true',
        3,
        "'area_id' must be a text or a whole number",
        "area_id",
    ),
    (
        "areas.geojson",
        '"area_id": "east"',
        '"area_id": " "',
        3,
        "'area_id' must be a text or a whole number",
        "area_id",
    ),
    ("areas.geojson", '"area_name": "East"', '"area_name": "\\ud800"', 3, "'area_name' must be a text", "area_name"),
    ("areas.geojson", '"area_id": "east"', '"area_id": "e st"', 3, "is invalid", "letters"),
    ("areas.geojson", '"FeatureCollection"', '"FeatureCollection"]', 1, "not valid JSON", "export"),
    ("areas.geojson", '"features"', '"feature"', None, "not a GeoJSON FeatureCollection", "features"),
    (
        "areas.geojson",
        '{"type": "FeatureCollection"',
        '{"crs": "EPSG:26986", "type": "FeatureCollection"',
        None,
        "not WGS 84",
        "EPSG:4326",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "message", "remedy"), MISTAKES)
def test_a_mistake_is_named(
    folder: Path, file: str, old: str, new: str, line: int | None, message: str, remedy: str
) -> None:
    edit(folder, file, old, new)
    found = [finding for finding in check(folder) if finding.level == "error"]
    assert any(
        (finding.file, finding.line) == (file, line) and message in finding.message and remedy in finding.remedy
        for finding in found
    ), found
    assert all(finding.file == file for finding in found)
    with pytest.raises(CityError) as raised:
        load(folder)
    assert message in str(raised.value)


def test_working_hours_promised_by_a_city_that_has_none(folder: Path) -> None:
    edit(folder, "city.toml", '[working_hours]\nmon = "09:00-17:00"\n', "")
    found = check(folder)
    assert [(finding.file, finding.line) for finding in found] == [("rules.toml", 13), ("rules.toml", 14)]
    assert "the city has none" in found[0].message


def test_not_utf8(folder: Path) -> None:
    (folder / "teams.toml").write_bytes(b'name = "\xff"')
    assert [str(finding) for finding in check(folder)] == [
        "teams.toml: error: the file is not UTF-8 text (byte 8) -> save the file as UTF-8"
    ]


def shapes(folder: Path, **given: Geometry) -> list[Finding]:
    (folder / "areas.geojson").write_text(geojson(*(feature(code, shape) for code, shape in given.items())))
    return check(folder)


def test_a_bow_tie_is_repaired_and_said(folder: Path) -> None:
    bow = Polygon([(-71.0, 42.0), (-70.98, 42.02), (-70.98, 42.0), (-71.0, 42.02)])
    (found,) = shapes(folder, west=square(-71.02, 42.0), east=bow)
    assert (found.level, found.line) == ("warning", 3)
    assert "Self-intersection" in found.message
    assert "Concord uses a repaired one" in found.message
    assert load(folder).areas["east"].outline


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (Point(-71.0, 42.0), "'Point' geometry is not an area"),
        (Polygon(), "is empty"),
        (box(330000, 4690000, 331000, 4691000), "not longitude, latitude in degrees"),
        (Polygon([(-71.0, 42.0), (-70.0, 43.0), (-69.0, 44.0)]), "does not enclose a surface"),
    ],
)
def test_a_shape_that_is_no_area(folder: Path, shape: Geometry, message: str) -> None:
    (found,) = shapes(folder, west=square(-71.02, 42.0), east=shape)
    assert (found.level, found.line) == ("error", 3)
    assert message in found.message


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        "Polygon",
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": "x"},
        {"type": "Polygon", "coordinates": [[1, 2]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, None], [1, 1]]]},
        {"type": "MultiPolygon", "coordinates": 5},
    ],
)
def test_a_broken_geometry_is_an_error_and_no_crash(folder: Path, geometry: object) -> None:
    broken = feature("east", square(-71.0, 42.0)) | {"geometry": geometry}
    (folder / "areas.geojson").write_text(geojson(feature("west", square(-71.02, 42.0)), broken))
    (found,) = check(folder)
    assert (found.level, found.line) == ("error", 3)


def test_an_overlap_names_the_pair_and_the_ground(folder: Path) -> None:
    (found,) = shapes(folder, west=square(-71.02, 42.0), east=square(-71.001, 42.0))
    assert (found.level, found.file, found.line) == ("warning", "areas.geojson", 3)
    assert "'west' and 'east' overlap by 18" in found.message


def test_a_gap_is_reported_with_its_place(folder: Path) -> None:
    holed = square(-71.02, 42.0).difference(box(-71.011, 42.01, -71.01, 42.011))
    (found,) = shapes(folder, west=holed, east=square(-71.0, 42.0))
    assert found.level == "warning"
    assert "no area covers a gap of 9," in found.message
    assert "-71.010500, 42.010500" in found.message


def test_slivers_within_the_tolerance_are_not_worth_a_word(folder: Path) -> None:
    sliver = 0.02 / 111_000 / 2
    assert shapes(folder, west=square(-71.02, 42.0), east=square(-71.0 - sliver, 42.0)) == []


def test_a_shadowed_rule_is_named_with_the_one_before_it(folder: Path) -> None:
    with (folder / "rules.toml").open("a") as file:
        file.write('\n[[rule]]\ncategories = ["noise"]\nteam = "works"\n')
        file.write('acknowledge = "1 clock hours"\nrespond = "2 clock hours"\n')
    (found,) = check(folder)
    assert (found.level, found.file, found.line) == ("warning", "rules.toml", 16)
    assert "rule 3 never applies: earlier rules (line 1, 11)" in found.message


def test_a_category_without_any_rule_is_an_error(folder: Path) -> None:
    edit(folder, "rules.toml", '[[rule]]\nteam = "works"', '[[rule]]\ncategories = ["noise"]\nteam = "works"')
    (found,) = check(folder)
    assert (found.level, found.file, found.line) == ("error", "categories.toml", 8)
    assert "no rule takes the category 'graffiti'" in found.message


def test_a_category_with_rules_for_some_is_a_warning_that_says_where(folder: Path) -> None:
    edit(folder, "rules.toml", '[[rule]]\nteam = "works"', '[[rule]]\nareas = ["east"]\nteam = "works"')
    found = {finding.message for finding in check(folder) if finding.level == "warning"}
    assert found == {
        "some concerns of category 'noise' have no rule: at some times in west",
        "some concerns of category 'graffiti' have no rule: in west",
    }


def test_a_response_before_its_acknowledgement_is_a_warning(folder: Path) -> None:
    edit(folder, "rules.toml", "16 working hours", "2 working hours")
    (found,) = check(folder)
    assert (found.level, found.line) == ("warning", 14)
    assert load(folder).rules


MARKS = [
    b"",
    b"[",
    b"]",
    b"{",
    b"}",
    b'"',
    b"'",
    b"=",
    b"\n",
    b"#",
    b",",
    b".",
    b'"""',
    b"\\",
    b"\r",
    b"\x00",
    b"\xff",
    b"-",
]
MARKS += [
    b"nan",
    b"inf",
    b"1e999",
    b"true",
    b"2026-01-01",
    b"07:32:00",
    b"[[rule]]",
    b'"\\ud800"',
    b"\xef\xbb\xbf",
    b"9" * 20,
]


def test_windows_line_ends_and_a_byte_order_mark(folder: Path) -> None:
    for file in folder.iterdir():
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert check(folder) == []
    edit(folder, "rules.toml", "24 clock hours", "24 hours")
    assert [finding.line for finding in check(folder)] == [9]


@settings(max_examples=50)
@given(st.data())
def test_a_damaged_folder_is_usable_or_every_fault_is_named(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Fails with any other error than CityError, and when check and load differ."""
    folder = write_city(tmp_path_factory.mktemp("city"))
    file = data.draw(st.sampled_from(sorted(folder.iterdir())))
    text = file.read_bytes()
    for _ in range(data.draw(st.integers(1, 3))):
        at, skipped = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 9))
        text = text[:at] + data.draw(st.sampled_from(MARKS)) + text[at + skipped :]
    file.write_bytes(text)
    found = check(folder)
    assert all(str(each).encode() for each in found)
    try:
        load(folder)
    except CityError:
        assert "error" in {each.level for each in found}
    else:
        assert "error" not in {each.level for each in found}
