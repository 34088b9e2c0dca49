"""A benchmark that breaks off fails the whole, after the others have run and the table is printed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BENCH = ROOT / "tests" / "bench"
DRIVER = f"""
import runpy, sys
sys.path.insert(0, {str(BENCH)!r})
import figures
figures.HERE = figures.Path(sys.argv.pop(1))
all_benchmarks = runpy.run_path({str(BENCH / "all.py")!r})
names = all_benchmarks["measure"].__globals__
names["SCRIPTS"] = sys.argv.pop(1).split(",")
names["SECONDS"] = float(sys.argv.pop(1))
figures.run("Speed", all_benchmarks["measure"], None)
"""
"""Runs all.py on the scripts of another folder."""


def figure(name: str) -> str:
    figures = [{"name": name, "value": 5, "unit": "s", "target": 1, "at_most": True, "note": ""}]
    return f"print({json.dumps({'title': name, 'figures': figures})!r})"


FAKES = {
    "good": figure("first"),
    "missed": figure("second"),
    "fails": "import sys; sys.exit(3)",
    "hangs": "import time; time.sleep(60)",
    "silent": "",
    "talks": "print('no figures here')",
    "other": "print('[1]')",
}


def bench(folder: Path, scripts: str, *options: str, seconds: float = 30) -> subprocess.CompletedProcess[str]:
    for name, text in FAKES.items():
        (folder / f"{name}.py").write_text(text)
    command = [sys.executable, "-c", DRIVER, str(folder), scripts, str(seconds), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)


def test_all_figures_are_in_one_table_and_a_missed_target_is_no_failure(tmp_path: Path) -> None:
    done = bench(tmp_path, "good,missed")
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["Speed", "first", "second"]
    assert "missed: at most 1" in done.stdout


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("fails", "fails broke off (exit code 3)"),
        ("silent", "silent broke off (its output is not the JSON of figures"),
        ("talks", "talks broke off (its output is not the JSON of figures"),
        ("other", "other broke off (its output is not the JSON of figures"),
    ],
)
def test_one_that_breaks_off_fails_the_command_after_the_others_ran(tmp_path: Path, script: str, says: str) -> None:
    done = bench(tmp_path, f"{script},good")
    assert done.returncode == 1
    assert "first" in done.stdout
    assert says in done.stderr
    assert done.stderr.splitlines()[-1] == f"broke off: {script}"
    assert "Traceback" not in done.stderr


def test_one_that_takes_too_long_breaks_off(tmp_path: Path) -> None:
    done = bench(tmp_path, "hangs,good", seconds=2)
    assert done.returncode == 1
    assert "first" in done.stdout
    assert "hangs broke off (no result within 2 s)" in done.stderr
    assert "Traceback" not in done.stderr


def test_programs_get_one_json_object_also_then(tmp_path: Path) -> None:
    done = bench(tmp_path, "good,fails,missed", "--json")
    assert done.returncode == 1
    assert [each["name"] for each in json.loads(done.stdout)["figures"]] == ["first", "second"]


def test_make_bench_sets_up_the_browser_that_the_ops_page_needs() -> None:
    shown = subprocess.run(["make", "-n", "bench"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "--need chromium" in shown
