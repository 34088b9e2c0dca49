"""The home folder: private, one user at a time, and its keys are never lost silently."""

import json
import os
import shutil
from pathlib import Path

import pytest

from concord_bus.adapters.sql.database import create_database_engine
from concord_cli.common.database_urls import local_url
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import FERNET_KEYS, SECRETS, Home


def secrets_of(folder: Path) -> dict[str, str]:
    home = Home.open(folder)
    try:
        return {name: home.secret(name) for name in SECRETS}
    finally:
        home.close()


def test_only_its_owner_may_look(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "new" / "home")
    home.remember(ports={"intake": 1})
    home.publish({"pids": {}})
    folders = [home.folder, *(each for each in home.folder.rglob("*") if each.is_dir())]
    files = [each for each in home.folder.rglob("*") if each.is_file()]
    assert {each.stat().st_mode & 0o777 for each in folders} == {0o700}
    assert {each.stat().st_mode & 0o777 for each in files} == {0o600}
    assert len(files) == len(SECRETS) + 3
    home.close()


def test_secrets_are_made_once_and_differ(tmp_path: Path) -> None:
    first = secrets_of(tmp_path)
    assert secrets_of(tmp_path) == first
    assert len(set(first.values())) == len(SECRETS)
    assert all(len(first[name]) == 44 for name in FERNET_KEYS)
    assert all(len(each) >= 32 for each in first.values())


def test_a_lost_key_is_not_made_anew(tmp_path: Path) -> None:
    secrets_of(tmp_path)
    (tmp_path / "keys" / "vault").unlink()
    with pytest.raises(UsageError, match="keys/vault is missing, and data that it protects cannot be read without it"):
        Home.open(tmp_path)


def test_a_home_is_used_by_one_at_a_time(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    with pytest.raises(UsageError, match=rf"in use by another `concord up` \(process {os.getpid()}\)"):
        Home.open(tmp_path)
    home.close()
    Home.open(tmp_path).close()


def test_facts_are_kept_beside_one_another(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    assert "ports" not in home.remembered()
    home.remember(ports={"intake": 1})
    home.close()
    home = Home.open(tmp_path)
    assert home.remembered() == {"secrets": list(SECRETS), "place": str(tmp_path), "ports": {"intake": 1}}
    home.close()


def test_what_runs_is_told_while_it_runs(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    home.publish({"pids": {"intake": 7}})
    assert json.loads((tmp_path / "running.json").read_text()) == {"pids": {"intake": 7}}
    home.close()
    assert not (tmp_path / "running.json").exists()


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    tmp_path.chmod(0o755)
    with pytest.raises(UsageError, match="contains other files: choose a new or empty folder"):
        Home.open(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.txt"]
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"The home folder cannot be used: .*file/home: Not a directory"):
        Home.open(tmp_path / "file" / "home")


def test_a_broken_inventory_is_named(tmp_path: Path) -> None:
    secrets_of(tmp_path)
    (tmp_path / "home.json").write_text("{")
    with pytest.raises(UsageError, match=r"home.json cannot be read \(.*: restore it"):
        Home.open(tmp_path)


def with_broker(folder: Path) -> Path:
    """A closed home in which a broker has run."""
    Home.open(folder).close()
    (folder / "rabbitmq").mkdir()
    return folder


def test_a_moved_home_says_so_and_starts_again_through_a_link(tmp_path: Path) -> None:
    old, new = with_broker(tmp_path / "a home"), tmp_path / "new"
    old.rename(new)
    with pytest.raises(UsageError) as refused:
        Home.open(new)
    assert str(refused.value) == (
        f"{new} was moved from {old}, and its broker's queues belong to that place: move it back, or run "
        f"`ln -s {new} '{old}'` and give --home '{old}'."
    )
    old.symlink_to(new)
    for place in (old, new):
        home = Home.open(place)
        assert home.folder == old
        home.close()


def test_a_copied_home_says_so(tmp_path: Path) -> None:
    old = with_broker(tmp_path / "old")
    shutil.copytree(old, tmp_path / "new")
    with pytest.raises(UsageError, match=f"new is a copy of the home {old}, .*: give --home {old} or a new folder"):
        Home.open(tmp_path / "new")


def test_a_home_without_a_broker_may_move(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    Home.open(old).close()
    old.rename(new)
    home = Home.open(new)
    assert home.folder == new
    home.close()


def test_a_path_that_no_text_can_show_is_refused_in_one_sentence(tmp_path: Path) -> None:
    for name in ("a\nb", os.fsdecode(b"caf\xe9")):
        with pytest.raises(UsageError, match="has characters that no text can show: choose another --home") as refused:
            Home.open(tmp_path / name)
        assert str(refused.value).isprintable()
        assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["a b", "Köln", "100%41", "#1", "what?", "a&b", "a'b"])
def test_the_database_of_any_folder_is_found(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    (folder / "intake").mkdir(parents=True)
    engine = create_database_engine(local_url("intake", folder))
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
    engine.dispose()
    assert (folder / "intake" / "intake.db").is_file()
