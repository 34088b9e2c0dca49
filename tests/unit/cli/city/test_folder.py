"""A new folder: whole or not at all, and never over another."""

from pathlib import Path

import pytest

from concord_city.domain.findings import Finding
from concord_cli.city.folder import FolderInUse, Unusable, write_checked

FILES = {"city.toml": 'name = "Elm"\n', "rules.toml": "x"}


def fine(folder: Path) -> list[Finding]:
    assert (folder / "city.toml").exists()
    return [Finding("warning", "city.toml", 1, "odd", "look")]


def faulty(folder: Path) -> list[Finding]:
    return [Finding("error", "city.toml", 1, "wrong", "right it")]


def test_a_new_folder_has_all_files_and_what_the_check_found(tmp_path: Path) -> None:
    folder = tmp_path / "towns" / "elm"
    assert [finding.message for finding in write_checked(folder, FILES, fine)] == ["odd"]
    assert {file.name: file.read_text() for file in folder.iterdir()} == FILES
    assert [file.name for file in folder.parent.iterdir()] == ["elm"]
    assert folder.stat().st_mode & 0o777 == folder.parent.stat().st_mode & 0o777


def test_an_empty_folder_is_filled_in_place(tmp_path: Path) -> None:
    folder = tmp_path / "elm"
    folder.mkdir()
    before = folder.stat().st_ino
    write_checked(folder, FILES, fine)
    assert folder.stat().st_ino == before
    assert sorted(file.name for file in folder.iterdir()) == sorted(FILES)
    assert list(tmp_path.iterdir()) == [folder]


def test_a_folder_with_a_file_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FolderInUse, match="exists and is not empty: choose another folder, or empty it first"):
        write_checked(tmp_path, FILES, fine)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "elm").write_text("mine")
    with pytest.raises(FolderInUse, match="is not a folder"):
        write_checked(tmp_path / "elm", FILES, fine)


def test_nothing_is_left_of_a_city_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(Unusable) as caught:
        write_checked(tmp_path / "elm", FILES, faulty)
    assert [finding.message for finding in caught.value.findings] == ["wrong"]
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_when_the_check_fails(tmp_path: Path) -> None:
    def broken(folder: Path) -> list[Finding]:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_checked(tmp_path / "elm", FILES, broken)
    assert list(tmp_path.iterdir()) == []


def test_characters_that_utf_8_does_not_know_become_question_marks(tmp_path: Path) -> None:
    write_checked(tmp_path / "elm", {"city.toml": "\ud800 ü"}, fine)
    assert (tmp_path / "elm" / "city.toml").read_bytes() == "? ü".encode()
