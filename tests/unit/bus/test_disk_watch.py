"""A full disk is a reason against readiness and a line in the log, for each file system once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from concord_bus.disk_watch import DiskWatch, one_for_each_disk
from concord_bus.domain.disk_space import MIB, Space, shortage
from concord_bus.settings import SettingsError


@dataclass
class Disk:
    """A disk as `shutil.disk_usage` shows it."""

    free: int


@dataclass
class Machine:
    """Disks by folder, and a clock in seconds."""

    disks: Mapping[Path, Disk]
    now: float = 0.0

    def usage(self, folder: Path) -> Disk:
        if folder not in self.disks:
            raise FileNotFoundError(folder)
        return self.disks[folder]

    def watch(self) -> DiskWatch:
        return DiskWatch(self.disks, 64 * MIB, self.usage, lambda: self.now)


DATA, LOGS = Path("/nowhere/data"), Path("/nowhere/logs")


@pytest.mark.parametrize(("free", "full"), [(0, True), (64 * MIB - 1, True), (64 * MIB, False)])
def test_less_than_the_least_is_full(free: int, full: bool) -> None:
    assert (shortage(Space("/data", free), 64 * MIB) is not None) == full


def test_the_reason_names_the_folder_the_space_and_the_remedy() -> None:
    reason = shortage(Space("/data", 3 * MIB + 5), 64 * MIB)
    assert reason == "the disk of /data is full: 3 MiB left, fewer than 64; free space there"
    assert shortage(Space("/data", None), 1) == "the folder /data cannot be examined: is its disk there"


def test_each_full_disk_is_a_reason() -> None:
    machine = Machine({DATA: Disk(MIB), LOGS: Disk(1000 * MIB)})
    watch = machine.watch()
    assert watch.check() == "the disk of /nowhere/data is full: 1 MiB left, fewer than 64; free space there"
    machine.disks[LOGS].free = 0
    assert str(watch.check()).count("is full") == 2
    machine.disks[DATA].free = machine.disks[LOGS].free = 1000 * MIB
    assert watch.check() is None


def test_the_log_says_it_once_and_again_when_it_is_over() -> None:
    machine = Machine({DATA: Disk(1000 * MIB)})
    watch = machine.watch()
    structlog.reset_defaults()  # this folder's tests are quiet
    with capture_logs() as lines:
        for now, free in ((0, 1000), (5, 1), (10, 1), (20, 1), (30, 1000), (40, 1000)):
            machine.now, machine.disks[DATA].free = now, free * MIB
            watch.look_when_due()
    assert [(line["log_level"], line["event"]) for line in lines] == [
        ("error", "not ready: the disk of /nowhere/data is full: 1 MiB left, fewer than 64; free space there"),
        ("info", "the disk has space again"),
    ]


def test_folders_of_one_file_system_count_once(tmp_path: Path) -> None:
    assert one_for_each_disk([tmp_path, tmp_path.parent, DATA]) == [tmp_path, DATA]


def test_the_least_is_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path}/intake.db"
    assert DiskWatch.from_env({}, url).check() is None
    all_disks = {"CONCORD_DISK_FREE_MIB": "999999999"}
    assert f"the disk of {tmp_path} is full" in str(DiskWatch.from_env(all_disks, url).check())
    assert str(DiskWatch.from_env(all_disks, "postgresql+psycopg2://host/name").check()).count("is full") == 1
    with pytest.raises(SettingsError, match="CONCORD_DISK_FREE_MIB must be a whole number"):
        DiskWatch.from_env({"CONCORD_DISK_FREE_MIB": "much"}, url)
