"""The rules: valid to Prometheus' own checker, each alert seen quiet and firing, each with a page for who is called."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from click import Command, Context, Group
from deployed import PROMETHEUS, RUNBOOKS, alerts

from concord_cli.commands import concord

SECTIONS = ["What it means", "What a resident notices", "Look", "Do", "Escalate"]
ALERT_TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))


def run(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_configuration_and_its_rules_are_valid(promtool: Path) -> None:
    said = run(promtool, "check", "config", "--lint=all", "--lint-fatal", PROMETHEUS / "prometheus.yml")
    assert "3 rule files found" in said


@pytest.mark.parametrize("file", ALERT_TESTS, ids=lambda file: file.stem)
def test_alerts_fire_when_they_should(promtool: Path, file: Path) -> None:
    run(promtool, "test", "rules", file)


def test_each_alert_is_seen_quiet_and_firing() -> None:
    seen: dict[str, set[bool]] = {}
    for file in ALERT_TESTS:
        for case in yaml.safe_load(file.read_text())["tests"]:
            for expected in case["promql_expr_test"]:
                (name,) = re.findall(r'ALERTS\{alertname="(\w+)", alertstate="firing"\}', expected["expr"])
                seen.setdefault(name, set()).add(bool(expected["exp_samples"]))
    assert seen == {name: {True, False} for name in alerts()}


@pytest.mark.parametrize("name", alerts())
def test_an_alert_says_how_bad_it_is_and_what_to_do(name: str) -> None:
    alert = alerts()[name]
    assert alert["labels"]["severity"] in ("critical", "warning")
    assert set(alert["annotations"]) == {"summary", "description", "runbook_url"}
    assert alert["annotations"]["description"].endswith(".")
    assert alert["annotations"]["runbook_url"] == f"docs/runbooks/{name}.md"


@pytest.mark.parametrize("name", alerts())
def test_a_runbook_page_has_all_its_parts(name: str) -> None:
    page = (RUNBOOKS / f"{name}.md").read_text()
    assert page.startswith(f"# {name}\n")
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == SECTIONS


def test_every_page_has_its_alert_and_its_line_in_the_index() -> None:
    pages = {file.stem for file in RUNBOOKS.glob("*.md")} - {"README"}
    index = (RUNBOOKS / "README.md").read_text()
    assert pages == set(alerts())
    lines = re.findall(r"^\| \[(\w+)\]\((\w+)\.md\) \| (\w+) \|", index, re.MULTILINE)
    assert lines == [(name, name, alert["labels"]["severity"]) for name, alert in alerts().items()]


@pytest.mark.parametrize("page", sorted(RUNBOOKS.glob("*.md")), ids=lambda page: page.stem)
def test_the_commands_of_a_page_exist(page: Path) -> None:
    text = page.read_text()
    for line in re.findall(r"(?:^|`)concord ([a-z][^`\n]*)", text, re.MULTILINE):
        command: Command = concord
        for word in line.split():
            if not isinstance(command, Group):
                break
            found = command.get_command(Context(command), word)
            assert found is not None, f"concord {line}"
            command = found
