"""columns.toml: what it can say, and what is said of its faults."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_cli.records import (
    CONCORD,
    READY,
    Codes,
    ColumnMapping,
    InvalidRecords,
    code_of,
    likely_mapping,
    load_mapping,
    ready_mapping,
    to_toml,
)

COLUMNS = '[columns]\nid = "a"\ncategory = "b"\ntime = "c"\n'
FULL = """
source = "ours"
time_zone = "Europe/Berlin"
projection = "EPSG:25832"

[file]
encoding = "cp1252"
delimiter = ";"
decimal = ","
title_rows = 2
quote_escape = "\\\\"
empty = ["NULL", "-"]

[columns]
id = "Nr"
id_from = ["Datum", "Ort"]
category = ["Art", "Kategorie"]
text = ["Titel", "Text"]
time_parts = ["Jahr", "Monat"]
closed = "Ende"
lon = "X"
lat = "Y"
channel = "Weg"
status = "Stand"
optional = ["closed"]

[times]
forms = ["DD.MM.YYYY HH:mm"]
missing_hour = "refuse"
double_hour = "second"

[categories]
default = "other"
make_codes = true

[categories.codes]
"Wilder Müll" = "rubbish"

[channels]
default = "import"

[channels.codes]
Anruf = "phone"

[areas.codes]
"C-11" = "C11"

[status]
closed = ["erledigt"]
open = ["offen"]
closed_without_time = "open"
"""


def load(folder: Path, text: str) -> ColumnMapping:
    file = folder / "columns.toml"
    file.write_text(text, "utf-8")
    return load_mapping(file)


def test_every_key_is_read(tmp_path: Path) -> None:
    assert load(tmp_path, FULL) == ColumnMapping(
        columns={
            "id": ("Nr",), "category": ("Art", "Kategorie"), "text": ("Titel", "Text"), "closed": ("Ende",),
            "lon": ("X",), "lat": ("Y",), "channel": ("Weg",), "status": ("Stand",),
        },
        optional=frozenset({"closed"}),
        id_from=("Datum", "Ort"),
        time_parts=("Jahr", "Monat"),
        source="ours",
        time_zone="Europe/Berlin",
        projection="EPSG:25832",
        encoding="cp1252",
        delimiter=";",
        decimal=",",
        title_rows=2,
        quote_escape="\\",
        empty=frozenset({"NULL", "-"}),
        forms=("DD.MM.YYYY HH:mm",),
        missing_hour="refuse",
        double_hour="second",
        categories=Codes({"Wilder Müll": "rubbish"}, "other", make_codes=True),
        channels=Codes({"Anruf": "phone"}, "import"),
        areas=Codes({"C-11": "C11"}),
        closed_words=("erledigt",),
        open_words=("offen",),
        closed_without_time="open",
    )  # fmt: skip


def test_a_written_mapping_reads_the_same(tmp_path: Path) -> None:
    mapping = load(tmp_path, FULL)
    assert load(tmp_path, to_toml(mapping)) == mapping


@pytest.mark.parametrize("name", [name for name in READY if name != "concord"])
def test_a_written_ready_mapping_reads_the_same(tmp_path: Path, name: str) -> None:
    assert load(tmp_path, to_toml(ready_mapping(name))) == ready_mapping(name)


def test_a_mapping_can_begin_from_a_ready_one(tmp_path: Path) -> None:
    mapping = load(tmp_path, 'from = "boston311"\n[columns]\nid = "Nr"\n[categories.codes]\n"Lamp out" = "lighting"\n')
    boston = ready_mapping("boston311")
    assert mapping.columns == {**boston.columns, "id": ("Nr",)}
    assert (mapping.time_zone, mapping.forms, mapping.optional) == (boston.time_zone, boston.forms, boston.optional)
    assert (mapping.categories.code("lamp OUT"), mapping.categories.code("Needle Pickup")) == (
        "lighting",
        "needle_pickup",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "columns.toml: error: the key 'columns' is missing -> add [columns] with id"),
        ('from = "bostn311"', "columns.toml:1: error: unknown ready mapping 'bostn311' -> did you mean 'boston"),
        (COLUMNS + 'colour = "d"', "columns.toml:5: error: unknown key 'colour' ->"),
        ("sorce = 1\n" + COLUMNS, "columns.toml:1: error: unknown key 'sorce' -> did you mean 'source'?"),
        ('time_zone = "Europe/Berln"\n' + COLUMNS, "columns.toml:1: error: unknown time zone 'Europe/Berln' ->"),
        ('projection = "EPSG:2263"\n' + COLUMNS, "columns.toml:1: error: unknown projection 'EPSG:2263' -> write"),
        (COLUMNS.replace('id = "a"\n', ""), "columns.toml:1: error: no column is the id -> add id ="),
        (COLUMNS.replace('category = "b"\n', ""), "columns.toml:1: error: no column is the category ->"),
        (COLUMNS.replace('time = "c"\n', ""), "columns.toml:1: error: no column is the time ->"),
        (COLUMNS + 'lon = "x"', "columns.toml:1: error: only one of lon and lat is there -> name both columns"),
        (COLUMNS + 'optional = ["targt"]', "columns.toml:5: error: unknown column 'targt' -> did you mean 'target'?"),
        (COLUMNS + 'text = []', "columns.toml:5: error: 'text' is an empty list"),
        (COLUMNS + '[file]\ndelimiter = "x"', "columns.toml:6: error: 'delimiter' is 'x' -> write ',' or ';'"),
        (COLUMNS + '[file]\nencoding = "utf8000"', "columns.toml:6: error: unknown encoding 'utf8000' -> write utf-8,"),
        (COLUMNS + "[file]\ntitle_rows = -1", "columns.toml:6: error: 'title_rows' is -1, not between 0"),
        (COLUMNS + '[times]\nforms = ["DD.MM.YY"]', "columns.toml:6: error: the form 'DD.MM.YY' lacks YYYY ->"),
        (COLUMNS + '[times]\ndouble_hour = "both"', "columns.toml:6: error: 'double_hour' is 'both' -> write"),
        (COLUMNS + '[channels.codes]\nFax = "fax"', "columns.toml:6: error: unknown channel 'fax' -> write"),
        (COLUMNS + '[channels]\ndefault = "fax"', "columns.toml:6: error: unknown channel 'fax' -> write"),
        (COLUMNS + '[categories.codes]\nx = 1', "columns.toml:6: error: 'x' must be a text"),
        (COLUMNS + '[categories]\nmake_codes = "yes"', "columns.toml:6: error: 'make_codes' must be true or false"),
        (COLUMNS + '[status]\nclosed = ["Done"]', "columns.toml:6: error: no column is the status -> add status"),
        ("id = ", "columns.toml:1: error: not valid TOML:"),
    ],
)  # fmt: skip
def test_a_fault_names_line_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidRecords) as wrong:
        load(tmp_path, text)
    assert said in str(wrong.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecords) as wrong:
        load(tmp_path, 'sorce = "x"\n[columns]\nidd = "y"\n[file]\ndecimal = ";"\n')
    assert [line.split(":")[1] for line in str(wrong.value).splitlines() if "unknown" in line or ";" in line] == [
        "3", "5", "1"
    ]  # fmt: skip


@given(st.text(), st.text(), st.lists(st.text(min_size=1).filter(str.strip), min_size=1, unique=True))
def test_any_text_survives_being_written(
    tmp_path_factory: pytest.TempPathFactory, key: str, code: str, names: list[str]
) -> None:
    if not code.strip():
        return
    mapping = ColumnMapping(
        {"id": tuple(names), "category": ("b",), "time": ("c",)}, source="x", categories=Codes({key: code}, "other")
    )
    folder = tmp_path_factory.mktemp("written")
    assert load(folder, to_toml(mapping)) == mapping


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Request for Pothole Repair", "request_for_pothole_repair"),
        ("  Anti-social behaviour ", "anti_social_behaviour"),
        ("x" * 80, "x" * 64),
        ("Wilder Müll, Straße", "wilder_mull_strasse"),
        ("道路", "category_a44c7ba2"),
        (" ", ""),
    ],
)
def test_codes_made_of_texts(text: str, code: str) -> None:
    assert code_of(text) == code


def test_codes_are_found_in_any_case_and_spacing() -> None:
    codes = Codes({"Lamp out": "lighting"}, default="other")
    assert [codes.code(text) for text in ("Lamp out", "LAMP  OUT", "Hole", "")] == [
        "lighting",
        "lighting",
        "other",
        "other",
    ]
    assert Codes({"Lamp out": "lighting"}).code("Hole") is None
    assert (Codes().code("hole"), Codes().code("")) == ("hole", None)
    assert (Codes(make_codes=True).code(" "), Codes(make_codes=True).code("Hole")) == (None, "hole")


def test_an_empty_code_stands_for_no_area_and_only_there(tmp_path: Path) -> None:
    areas = load(tmp_path, COLUMNS + '[areas.codes]\nPark = ""\n').areas
    assert (areas.code("Park"), areas.code("park"), areas.code("West")) == ("", "", None)
    assert load(tmp_path, to_toml(load(tmp_path, COLUMNS + '[areas.codes]\nPark = ""\n'))).areas == areas
    for section in ("categories", "channels"):
        with pytest.raises(InvalidRecords, match="'Park' is empty"):
            load(tmp_path, f'{COLUMNS}[{section}.codes]\nPark = ""\n')


def test_each_ready_mapping_is_recognised_by_its_own_columns() -> None:
    for name in READY:
        mapping = ready_mapping(name)
        head = [names[0] for names in mapping.columns.values()] + [*mapping.id_from, *mapping.time_parts]
        assert likely_mapping(head) == name
    assert likely_mapping(["Nr", "Art"]) is None


def test_each_ready_mapping_names_its_source_and_zone() -> None:
    for name in READY:
        mapping = ready_mapping(name)
        assert mapping == CONCORD or (mapping.source, bool(mapping.time_zone)) == (name, True)
