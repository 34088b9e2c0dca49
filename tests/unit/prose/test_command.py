"""The command, on small trees."""

from pathlib import Path

import pytest

from check_prose import main

BAD = "Who asks gets it.\n"
GOOD = "The service answers.\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "docs" / "guide").mkdir(parents=True)
    (tmp_path / "README.md").write_text(GOOD)
    (tmp_path / "docs" / "bad.md").write_text(BAD)
    (tmp_path / "docs" / "guide" / "bad.md").write_text(BAD)
    return tmp_path


def test_findings_fail(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], tree) == 1
    shown = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[:2] for line in shown] == [
        ["docs/bad.md:1", "headless-clause"],
        ["docs/guide/bad.md:1", "headless-clause"],
    ]


def test_only_the_named_paths_count(tree: Path) -> None:
    assert main([str(tree / "README.md")], tree) == 0
    assert main([str(tree / "docs" / "guide")], tree) == 1


def test_counts_by_file_and_rule(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--counts", str(tree / "docs" / "bad.md")], tree) == 1
    assert capsys.readouterr().out == "    1 headless-clause  docs/bad.md\n"


def test_a_file_with_a_syntax_error_is_a_finding(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tree / "broken.py"
    broken.write_text("def (:\n")
    assert main([str(broken)], tree) == 1
    assert "broken.py:1: unreadable: correct the file's syntax" in capsys.readouterr().out


def test_a_path_that_does_not_exist_is_a_wrong_call(tree: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(tree / "none.md")], tree)
    assert ended.value.code == 2
