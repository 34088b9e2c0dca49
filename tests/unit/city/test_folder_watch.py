"""A changed city folder: when it becomes live, and when the city from before stays."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from concord_city import City, CityError, load, load_words
from concord_city.adapters.folder_check import main
from concord_city.adapters.folder_watch import FILES, UNFINISHED, CheckFailed, CityWatch, digest

from .twoside import edit, write_city


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_city(tmp_path)


@pytest.fixture
def watch(folder: Path) -> CityWatch[City]:
    return CityWatch(folder, load)


def name_of(watch: CityWatch[City]) -> str:
    return watch.live.value.name


def rename(folder: Path, name: str) -> None:
    text = (folder / "city.toml").read_text("utf-8").splitlines()
    (folder / "city.toml").write_text("\n".join([f'name = "{name}"', *text[1:]]), "utf-8")


def test_an_unchanged_folder_stays(watch: CityWatch[City]) -> None:
    first = watch.live
    assert [watch.look(), watch.look()] == [False, False]
    assert watch.live is first
    assert watch.warning is None


def test_a_change_becomes_live_when_it_has_stayed_for_two_looks(folder: Path, watch: CityWatch[City]) -> None:
    before = watch.live.digest
    rename(folder, "Newtown")
    assert not watch.look()
    assert name_of(watch) == "Twoside"
    assert watch.look()
    assert name_of(watch) == "Newtown"
    assert watch.live.digest == digest(folder) != before
    assert not watch.look()


def test_a_folder_that_goes_on_changing_waits(folder: Path, watch: CityWatch[City]) -> None:
    for name in ("One", "Two more", "Three more"):
        rename(folder, name)
        assert not watch.look()
    assert name_of(watch) == "Twoside"


def test_a_folder_with_errors_keeps_the_city_and_warns_until_it_is_corrected(
    folder: Path, watch: CityWatch[City]
) -> None:
    edit(folder, "rules.toml", '"works"', '"work"')
    assert [watch.look(), watch.look()] == [False, False]
    assert name_of(watch) == "Twoside"
    assert watch.warning is not None
    assert "has errors (rules.toml:12), so the city from before stays live" in watch.warning
    assert "'work'" not in watch.warning
    edit(folder, "rules.toml", '"work"', '"works"')
    assert [watch.look(), watch.look()] == [False, False]
    assert watch.warning is None


def test_a_corrected_folder_with_another_content_becomes_live(folder: Path, watch: CityWatch[City]) -> None:
    edit(folder, "rules.toml", '"works"', '"work"')
    watch.look()
    watch.look()
    edit(folder, "rules.toml", '"work"', '"team-west"')
    assert [watch.look(), watch.look()] == [False, True]
    assert watch.warning is None
    assert watch.live.value.rules[1].team == "team-west"


def test_touched_files_of_the_same_content_change_nothing(folder: Path, watch: CityWatch[City]) -> None:
    first = watch.live
    os.utime(folder / "city.toml", (1, 1))
    assert [watch.look(), watch.look(), watch.look()] == [False, False, False]
    assert watch.live is first


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_keeps_the_city(folder: Path, watch: CityWatch[City], name: str) -> None:
    (folder / name).unlink()
    assert [watch.look(), watch.look()] == [False, False]
    assert name_of(watch) == "Twoside"
    assert name in str(watch.warning)


def test_a_change_during_the_reading_is_taken_at_a_later_look(folder: Path) -> None:
    meanwhile: list[Callable[[], None]] = []

    def read(place: Path) -> City:
        city = load(place)
        while meanwhile:
            meanwhile.pop()()
        return city

    watch = CityWatch(folder, read)
    rename(folder, "Half")
    watch.look()
    meanwhile.append(lambda: rename(folder, "Whole and well"))
    assert not watch.look()
    assert name_of(watch) == "Twoside"
    assert [watch.look(), watch.look()] == [False, True]
    assert name_of(watch) == "Whole and well"


def test_nobody_loads_a_folder_with_an_unfinished_change(folder: Path, watch: CityWatch[City]) -> None:
    rename(folder, "Newtown")
    (folder / UNFINISHED).touch()
    assert [watch.look(), watch.look()] == [False, False]
    assert UNFINISHED in str(watch.warning)
    for read in (load, load_words):
        with pytest.raises(CityError, match="run `concord city apply` again"):
            read(folder)
    (folder / UNFINISHED).unlink()
    assert [watch.look(), watch.look()] == [False, True]


def test_a_reader_may_run_elsewhere(folder: Path) -> None:
    asked: list[Path] = []

    def run(read: Callable[[Path], City], place: Path) -> City:
        asked.append(place)
        return read(place)

    watch = CityWatch(folder, load, run)
    assert asked == []
    rename(folder, "Newtown")
    watch.look()
    assert watch.look()
    assert asked == [folder]


def test_the_check_in_a_process_of_its_own_names_places_only(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(str(folder)) == 0
    edit(folder, "rules.toml", '"works"', '"work"')
    assert main(str(folder)) == 1
    assert capsys.readouterr().out == "rules.toml:12\n"


def test_a_change_while_a_service_starts_is_not_missed(folder: Path) -> None:
    def read(place: Path) -> City:
        city = load(place)
        if city.name == "Twoside":
            rename(place, "Newtown")
        return city

    watch = CityWatch(folder, read)
    watch.look()
    assert watch.look()
    assert name_of(watch) == "Newtown"


def test_a_check_without_an_end_is_tried_again(folder: Path) -> None:
    failures = [CheckFailed("it did not end: TimeoutExpired")]

    def check(read: Callable[[Path], City], place: Path) -> City:
        if failures:
            raise failures.pop()
        return read(place)

    watch = CityWatch(folder, load)
    watch._run = check
    rename(folder, "Newtown")
    assert [watch.look(), watch.look()] == [False, False]
    assert "could not be checked (it did not end: TimeoutExpired)" in str(watch.warning)
    assert watch.look()
    assert (name_of(watch), watch.warning) == ("Newtown", None)
