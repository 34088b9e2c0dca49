"""The guide: its metrics are those of the code (measures have a page of their own), and its examples work."""

import re
import subprocess
from pathlib import Path
from textwrap import dedent

import yaml
from deployed import PROMETHEUS, ROOT, alerts
from exported import by_services

from concord_metrics.measures import MEASURES

GUIDE = (ROOT / "docs" / "guide" / "monitoring.md").read_text()
PARTS = ("_bucket", "_count", "_sum", "_created")


def listed() -> dict[str, frozenset[str]]:
    rows = re.findall(r"^\| `(concord_\w+)` \| (?:counter|gauge|histogram) \| (.*?) ?\| .+ \|$", GUIDE, re.MULTILINE)
    return {name: frozenset(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def is_measure(name: str) -> bool:
    stems = (each.prometheus.removesuffix("_total").removesuffix("_seconds") for each in MEASURES)
    return any(re.fullmatch(rf"{stem}(_by_[a-z]+)?(_total|_seconds)?", name) for stem in stems)


def whole(name: str) -> str:
    """The name of a histogram for that of one of its series."""
    for part in PARTS:
        name = name.removesuffix(part)
    return name


def test_every_metric_is_listed_with_its_labels_and_no_other():
    there: dict[str, frozenset[str]] = {}
    for name, labels in by_services().items():
        if not name.endswith("_created") and not is_measure(whole(name)):
            there[whole(name)] = there.get(whole(name), frozenset()) | labels - {"le"}
    assert listed() == there


def examples() -> list[str]:
    return [dedent(each) for each in re.findall(r"^ *```yaml\n(.*?)^ *```$", GUIDE, re.MULTILINE | re.DOTALL)]


def test_the_example_for_prometheus_is_a_valid_configuration(promtool: Path, tmp_path: Path) -> None:
    config = yaml.safe_load(examples()[0])
    assert [each["job_name"] for each in config["scrape_configs"]] == ["concord", "rabbitmq"]
    file = tmp_path / "prometheus.yml"
    file.write_text(yaml.safe_dump({**config, "rule_files": [str(PROMETHEUS / "rules" / "*.yml")]}))
    done = subprocess.run([promtool, "check", "config", file], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_the_example_for_alertmanager_names_alerts_that_there_are() -> None:
    config = yaml.safe_load(examples()[1])
    named = {
        name
        for rule in config["inhibit_rules"]
        for matcher in (*rule["source_matchers"], *rule["target_matchers"])
        for name in re.findall(r"[A-Z]\w+", matcher)
    }
    assert named <= set(alerts())
    severities = {each["labels"]["severity"] for each in alerts().values()}
    assert {each["matchers"][0] for each in config["route"]["routes"]} == {f'severity="{each}"' for each in severities}
