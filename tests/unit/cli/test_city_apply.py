"""`concord city apply`: what is copied, what is refused, and what a crash in between leaves."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.unit.city.twoside import edit, write_city

from concord_city import CityError, load
from concord_city.adapters import folder_replacement
from concord_city.adapters.folder_watch import FILES, UNFINISHED, digest
from concord_cli.commands import concord
from concord_cli.common.home_folder import INVENTORY


@pytest.fixture
def live(tmp_path: Path) -> Path:
    folder = tmp_path / "live"
    folder.mkdir()
    return write_city(folder)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    folder = tmp_path / "new"
    folder.mkdir()
    edit(write_city(folder), "city.toml", "Twoside", "Newtown")
    return folder


def run(*arguments: object) -> Result:
    return CliRunner(env={"CONCORD_CITY": None}).invoke(concord, ["city", "apply", *map(str, arguments)])


def test_the_live_folder_gets_the_new_content_and_stays_the_same_folder(live: Path, new: Path) -> None:
    (new / "columns.toml").write_text("# which column is which\n", "utf-8")
    (live / "rules.toml").chmod(0o640)
    folder = live.stat().st_ino
    result = run(new, "--to", live)
    assert result.exit_code == 0, result.output
    assert load(live).name == "Newtown"
    assert "load it within 15 seconds" in result.output
    assert live.stat().st_ino == folder
    assert (live / "rules.toml").stat().st_mode & 0o777 == 0o640
    assert {file.name for file in live.iterdir()} == {*FILES, "columns.toml"}


def test_json_and_a_repetition(live: Path, new: Path) -> None:
    before = digest(live)
    first, second = (json.loads(run(new, "--to", live, "--json").output) for _ in range(2))
    assert first == {"folder": str(live), "before": before, "now": digest(new), "changed": True}
    assert second == {"folder": str(live), "before": digest(new), "now": digest(new), "changed": False}


def test_a_folder_with_errors_changes_nothing(live: Path, new: Path) -> None:
    edit(new, "rules.toml", '"works"', '"work"')
    before = digest(live)
    result = run(new, "--to", live)
    assert result.exit_code == 1
    assert "did you mean 'works'?" in result.output
    assert "1 error, so nothing changes" in result.output
    assert digest(live) == before


def test_the_home_knows_the_live_folder(tmp_path: Path, live: Path, new: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / INVENTORY).write_text(json.dumps({"city": str(live)}), "utf-8")
    assert run(new, "--home", home).exit_code == 0
    assert load(live).name == "Newtown"


def test_a_wrong_call_exits_with_2(tmp_path: Path, live: Path) -> None:
    same = run(live, "--to", live)
    assert (same.exit_code, "Apply a changed copy" in same.output) == (2, True)
    nowhere = run(live, "--home", tmp_path / "nowhere")
    assert (nowhere.exit_code, "set --to to that of the services" in nowhere.output) == (2, True)


@pytest.mark.parametrize("number", range(len(FILES)))
def test_after_a_crash_nobody_loads_half_a_change_and_a_repetition_ends_it(
    live: Path, new: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def crash(file: Path, content: bytes) -> None:
        if len(written) == number:
            raise OSError(28, "No space left on device")
        written.append(file.name)
        replace(file, content)

    replace = folder_replacement._replace
    monkeypatch.setattr(folder_replacement, "_replace", crash)
    failed = run(new, "--to", live)
    assert failed.exit_code == 1
    assert "No space left on device" in failed.output
    with pytest.raises(CityError, match="run `concord city apply` again"):
        load(live)
    monkeypatch.undo()
    assert run(new, "--to", live).exit_code == 0
    assert load(live).name == "Newtown"
    assert not (live / UNFINISHED).exists()


def test_another_mapping_of_records_alone_is_a_change(live: Path, new: Path) -> None:
    run(new, "--to", live)
    (new / "columns.toml").write_text('source = "city311"\n', "utf-8")
    assert json.loads(run(new, "--to", live, "--json").output)["changed"]
    assert (live / "columns.toml").read_text("utf-8") == 'source = "city311"\n'
    assert not json.loads(run(new, "--to", live, "--json").output)["changed"]


def test_a_change_that_cannot_begin_changes_nothing(live: Path, new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(folder_replacement, "_unfinished", refused)
    result = run(new, "--to", live)
    assert result.exit_code == 1
    assert "Permission denied). Nothing has changed." in result.output
    assert load(live).name == "Twoside"


def test_a_new_file_belongs_to_the_owner_of_the_others(live: Path, new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owners: list[tuple[str, int, int]] = []
    monkeypatch.setattr(
        folder_replacement.os, "chown", lambda file, user, group: owners.append((Path(file).name, user, group))
    )
    (new / "columns.toml").write_text('source = "city311"\n', "utf-8")
    run(new, "--to", live)
    status = (live / "city.toml").stat()
    assert (".columns.toml.new", status.st_uid, status.st_gid) in owners


def test_two_changes_at_once_are_kept_apart(live: Path, new: Path) -> None:
    with folder_replacement._locked(live):
        busy = run(new, "--to", live)
    assert busy.exit_code == 1
    assert "another `concord city apply` is at work). Nothing has changed." in busy.output
    assert load(live).name == "Twoside"
    assert run(new, "--to", live).exit_code == 0
