"""Records in a temporary file: as they were appended, for many readers, with nothing left behind."""

import tempfile
from itertools import zip_longest
from pathlib import Path

import pytest

from concord_cli.common.errors import UsageError
from concord_cli.common.record_spool import FRAME, RecordSpool
from concord_cli.common.records import Record


def records(number: int) -> list[Record]:
    return [
        Record(n, f"R-{n}", "noise", "Loud \udce4 ü", None, (-71.0, 42.0) if n % 2 else None, None, "import")
        for n in range(1, number + 1)
    ]


def spooled(number: int) -> RecordSpool:
    spool = RecordSpool()
    for record in records(number):
        spool.append(record)
    return spool


@pytest.mark.parametrize("number", [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME + 7])
def test_records_come_back_in_order_each_time(number: int) -> None:
    spool = spooled(number)
    assert len(spool) == number
    assert bool(spool) == bool(number)
    assert list(spool) == list(spool) == records(number)
    assert all(isinstance(record, Record) for record in spool)


def test_readers_do_not_disturb_each_other() -> None:
    spool = spooled(2 * FRAME + 3)
    first, second = iter(spool), iter(spool)
    next(first)
    pairs = list(zip_longest(first, second))
    assert pairs[0][0].number == 2
    assert [record.number for _, record in pairs] == list(range(1, 2 * FRAME + 4))


def test_the_file_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spool = spooled(FRAME)
    assert list(tmp_path.iterdir()) == []
    assert len(list(spool)) == FRAME


def test_a_disk_that_cannot_hold_them_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(UsageError, match=r"gone cannot hold the records: .*\. Set TMPDIR to a folder with more space"):
        spooled(FRAME)
