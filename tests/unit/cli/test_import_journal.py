"""The journal of an import: kept between runs, cheap to lose."""

from pathlib import Path

from concord_cli.common.import_journal import Journal


def test_what_was_noted_is_known_to_the_next(tmp_path: Path) -> None:
    with Journal(tmp_path, "records.csv") as journal:
        journal.note([("R-1", "a"), ("R-2", "b")])
    with Journal(tmp_path, "records.csv") as journal:
        assert journal.known == {"R-1": "a", "R-2": "b"}


def test_each_source_has_its_own_and_any_name_will_do(tmp_path: Path) -> None:
    for source in ("../a/b.csv", "b.csv"):
        with Journal(tmp_path, source) as journal:
            assert not journal.known
            journal.note([("R-1", source)])
    assert {each.parent for each in tmp_path.rglob("*")} == {tmp_path}


def test_a_last_line_cut_short_is_forgotten_and_overwritten(tmp_path: Path) -> None:
    with Journal(tmp_path, "r") as journal:
        journal.note([("R-1", "aaaa"), ("R-2", "bbbb")])
    file = next(tmp_path.iterdir())
    file.write_bytes(file.read_bytes()[:-3])
    with Journal(tmp_path, "r") as journal:
        assert journal.known == {"R-1": "aaaa"}
        journal.note([("R-2", "bbbb")])
    assert file.read_text() == "R-1\taaaa\nR-2\tbbbb\n"


def test_nothing_is_noted_twice(tmp_path: Path) -> None:
    with Journal(tmp_path, "r") as journal:
        journal.note([("R-1", "a")])
        journal.note([("R-1", "a")])
    assert next(tmp_path.iterdir()).read_text() == "R-1\ta\n"


def test_forgetting(tmp_path: Path) -> None:
    with Journal(tmp_path, "r") as journal:
        journal.note([("R-1", "a")])
        journal.forget()
        assert not journal.known
        journal.note([("R-2", "b")])
    with Journal(tmp_path, "r") as journal:
        assert journal.known == {"R-2": "b"}
