"""What records give a city: categories with codes, recorded areas, and points."""

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from concord_cli.city.draft.shared_points import PointRecord
from concord_cli.city.records_draft import RecordsDraft, category_codes, read_draft, with_areas, with_categories
from concord_cli.records import CONCORD, Codes, ColumnMapping, load_mapping, propose, to_toml

HEAD = "id,category,time,lon,lat,district\n"
MAPPING = ColumnMapping(
    {role: (role,) for role in ("id", "category", "time", "lon", "lat")} | {"area": ("district",)},
    source="elm",
    categories=Codes({"Pot hole": "pothole"}, make_codes=True),
)
ZONE = ZoneInfo("America/New_York")


def draft(tmp_path: Path, *rows: str, mapping: ColumnMapping = MAPPING) -> RecordsDraft:
    file = tmp_path / "export.csv"
    file.write_text(HEAD + "\n".join(rows) + "\n", "utf-8")
    return read_draft(file, mapping, ZONE)


def test_texts_points_and_recorded_areas(tmp_path: Path) -> None:
    found = draft(
        tmp_path,
        "1,Pot hole,2026-01-02,-71.09,42.31,C-11",
        "2,Noise,2026-01-02T10:00,,,",
        "3,Noise,2026-01-02 10:00,-71.09,42.31,C-11",
    )
    assert found.categories == {"Pot hole": 1, "Noise": 2}
    assert found.points == (
        PointRecord((-71.09, 42.31), "C-11"),
        PointRecord(None, None),
        PointRecord((-71.09, 42.31), "C-11"),
    )
    assert (found.rows, found.refused) == (3, ())


def test_refused_rows_are_told(tmp_path: Path) -> None:
    found = draft(tmp_path, "1,Noise,2026-01-02,-71.09,142.31,A", "2,Noise,2026-01-02,-71.09,42.31,A")
    assert (found.rows, len(found.refused)) == (2, 1)
    assert "line 2" in found.refused[0]


def test_an_empty_category_counts_as_the_default(tmp_path: Path) -> None:
    defaulting = replace(MAPPING, categories=Codes(default="other"))
    assert draft(tmp_path, "1,,2026-01-02,,,", "2,Noise,2026-01-02,,,", mapping=defaulting).categories == {
        "other": 1,
        "Noise": 1,
    }


def test_codes_of_the_mapping_count_and_others_are_made() -> None:
    texts = ["Pot hole", "Noise", "Bürgersteig kaputt", "中区", "Noise!"]
    assert category_codes(texts, MAPPING.categories) == {
        "Pot hole": "pothole",
        "Noise": "noise",
        "Noise!": "noise",
        "Bürgersteig kaputt": "burgersteig_kaputt",
        "中区": "category_1",
    }


def test_without_a_translation_a_text_that_is_a_code_is_the_code() -> None:
    assert category_codes(["street_lighting", "Street Lights"], CONCORD.categories) == {
        "street_lighting": "street_lighting",
        "Street Lights": "street_lights",
    }


def test_a_default_takes_texts_that_have_no_code() -> None:
    assert category_codes(["Noise", "Odd"], Codes({"Noise": "noise"}, default="other")) == {
        "Noise": "noise",
        "Odd": "other",
    }


def test_the_mapping_as_written_gives_the_same_codes(tmp_path: Path) -> None:
    texts = ["Pot hole", "Noise", "Bürgersteig kaputt", "中区"]
    for codes in (MAPPING.categories, Codes(), Codes({"Noise": "noise"}, default="other")):
        wanted = category_codes(texts, codes)
        mapping = with_categories(replace(MAPPING, categories=codes), wanted)
        (tmp_path / "columns.toml").write_text(to_toml(mapping), "utf-8")
        read = load_mapping(tmp_path / "columns.toml").categories
        assert {text: read.code(text) for text in texts} == wanted


def test_recorded_areas_get_the_codes_of_the_areas(tmp_path: Path) -> None:
    mapping = with_areas(MAPPING, {"C-11": "C11", "A1": "A1"})
    assert [mapping.areas.code(text) for text in ("C-11", "A1")] == ["C11", "A1"]
    assert with_areas(MAPPING, {"A1": "A1"}) == MAPPING


def test_a_proposal_gives_a_city_its_categories(tmp_path: Path) -> None:
    file = tmp_path / "2026.csv"
    file.write_text("Ticket ID,Category,Opened,Latitude,Longitude\n7,Noise,2026-01-02 10:00,42.31,-71.09\n", "utf-8")
    found = read_draft(file, propose(file), ZONE)
    assert found.categories == {"Noise": 1}
    assert found.points == (PointRecord((-71.09, 42.31), None),)
