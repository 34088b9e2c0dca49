"""The guide's list of metrics is that of the code, but for the measures, which have a page of their own."""

import re

from deployed import ROOT
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
