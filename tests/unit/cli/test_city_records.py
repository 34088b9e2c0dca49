"""The records of `concord up`: read with the city's mapping and zone, and what is said of rows that are none."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from concord_cli.common.errors import UsageError
from concord_cli.records import InvalidRecords, Judged
from concord_cli.up.city_records import read_city_records, refused_rows
from concord_cli.up.options import UpOptions

from .record_files import GOOD, HEADER, write_records

CITY = Path(__file__).parents[3] / "deploy/sample/boston/city"


def read(records: Path | None, city: Path, say: Callable[[str], None], **mapping: Any) -> Judged:
    options = UpOptions(city, city, records, False, True, True, None, None, None, {}, 0, None, None, None, **mapping)
    return read_city_records(options, say)


def test_local_times_are_the_city_s(tmp_path: Path) -> None:
    said: list[str] = []
    judged = read(write_records(tmp_path, "R-1,noise,,2015-07-01 10:00,,,,,"), CITY, said.append)
    assert [record.occurred_at for record in judged.records] == ["2015-07-01T10:00:00-04:00"]
    assert (said, refused_rows(judged)) == (["the file has no column n_target"], None)


def test_a_mapping_in_the_city_folder_counts(tmp_path: Path) -> None:
    city = tmp_path / "city"
    shutil.copytree(CITY, city)
    (city / "columns.toml").write_text('source = "ours"\n[columns]\nid = "Nr"\ncategory = "Kind"\ntime = "When"\n')
    judged = read(write_records(tmp_path, "1,noise,2015-07-01", header="Nr,Kind,When"), city, print)
    assert [record.opened_at for record in judged.records] == ["2015-07-01T00:00:00-04:00"]
    assert judged.source == "ours"


def test_a_mapping_of_the_command_counts_more_than_that_of_the_city(tmp_path: Path) -> None:
    city, own = tmp_path / "city", tmp_path / "own.toml"
    shutil.copytree(CITY, city)
    (city / "columns.toml").write_text('source = "ours"\n[columns]\nid = "Nr"\ncategory = "Kind"\ntime = "When"\n')
    own.write_text('source = "theirs"\n[columns]\nid = "Id"\ncategory = "Sort"\ntime = "At"\n')
    file = write_records(tmp_path, "1,noise,2015-07-01", header="Id,Sort,At")
    assert read(file, city, print, columns=own).source == "theirs"
    with pytest.raises(UsageError, match="--columns and --from exclude each other"):
        read(file, city, print, columns=own, ready="boston311")
    file = write_records(tmp_path, GOOD.format(1))
    assert [record.id for record in read(file, city, lambda _: None, ready="concord").records] == ["R-1"]


def test_without_a_file_there_are_no_records(tmp_path: Path) -> None:
    assert len(read(None, tmp_path, print).records) == 0


def test_rows_that_are_no_records_are_said_and_leave_a_gap(tmp_path: Path) -> None:
    said: list[str] = []
    header = HEADER.replace("n_lon", "n_target,n_lon")
    rows = [GOOD.format(1).replace(",,", ",,,", 1), "2,noise,,soon,,,,,,"]
    judged = read(write_records(tmp_path, *rows, header=header), CITY, said.append)
    gap = refused_rows(judged)
    assert len(said) == 1
    assert said[0].startswith("records.csv line 3, column n_time: 'soon' is not a time")
    assert gap
    assert (gap.text, gap.final) == ("1 row of records.csv is no record", True)


def test_a_file_without_any_record_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(InvalidRecords, match="column n_time: 'soon' is not a time"):
        read(write_records(tmp_path, "2,noise,,soon,,,,,"), CITY, print)


def test_faults_of_the_city_are_told_before_those_of_the_records(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a usable city folder"):
        read(write_records(tmp_path), tmp_path, print)
