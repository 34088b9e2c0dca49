"""Subjects of commits that comply and that do not."""

import subprocess
from pathlib import Path

import pytest

from check_commits import faults, main


@pytest.mark.parametrize(
    "subject", ["Add a glossary", "Pass the clock as an argument", "Bring events in bulk", "A" * 71]
)
def test_good_subjects(subject: str) -> None:
    assert list(faults(subject)) == []


@pytest.mark.parametrize(
    ("subject", "fault"),
    [
        ("Added a glossary", 'use the imperative instead of "Added"'),
        ("Adding a glossary", 'use the imperative instead of "Adding"'),
        ("Adds a glossary", 'use the imperative instead of "Adds"'),
        ("add a glossary", "begin with a verb and a capital letter"),
        ("Add a glossary.", "leave out the final full stop"),
        ("A" * 72, "72 characters: shorten it to less than 72"),
    ],
)
def test_faults(subject: str, fault: str) -> None:
    assert list(faults(subject)) == [fault]


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


def test_only_commits_of_the_range_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    git("init")
    for subject in ("Started", "Add one", "Fixed two"):
        git("commit", "--allow-empty", "-m", subject)
    assert main(["HEAD~2..HEAD~1"]) == 0
    assert main(["HEAD~2..HEAD"]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.endswith(': use the imperative instead of "Fixed": "Fixed two"')


def test_a_range_that_does_not_exist_is_a_wrong_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    git("init")
    assert main(["none..HEAD"]) == main([]) == main(["--help"]) == 2
