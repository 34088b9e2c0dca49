"""Every query of a dashboard, rule or alert names series and labels that there are."""

from collections.abc import Mapping

import pytest
from deployed import panels, rules
from exported import everything
from promql import Labels, Reader, legend_labels, template_labels


@pytest.fixture(scope="module")
def series() -> Mapping[str, Labels]:
    """With the recorded ones, whose labels follow from their expressions."""
    known = dict(everything())
    for rule in rules():
        if "record" in rule:
            known[rule["record"]] = Reader(known).labels(rule["expr"])
    return known


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_asks_for_what_is_exported(rule, series):
    reader = Reader(series)
    given = reader.labels(rule["expr"])
    assert reader.problems == []
    for name, text in rule.get("annotations", {}).items():
        assert template_labels(text) <= given, name


@pytest.mark.parametrize("panel", [panel for _, panel in panels()], ids=[where for where, _ in panels()])
def test_a_panel_asks_for_what_is_exported(panel, series):
    for target in panel["targets"]:
        reader = Reader(series)
        given = reader.labels(target["expr"])
        assert reader.problems == []
        assert legend_labels(target["legendFormat"]) <= given, target["legendFormat"]


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("concord_bus_parked_massages", "there is no concord_bus_parked_massages"),
        ('concord_bus_parked_total{typ="x"}', "concord_bus_parked_total has no label typ"),
        ("sum by (queue) (concord_bus_parked_messages)", "has no label queue"),
        ("histogram_quantile(0.9, sum by (service) (rate(concord_bus_handling_seconds_bucket[5m])))", "no label le"),
        ("sum by (service) (up) / sum by (instance) (up)", "never match"),
        ("up unless on (queue) rabbitmq_queue_consumers", "has no label queue"),
        ('label_replace(up, "a", "$1", "queue", "(.*)")', "has no label queue"),
    ],
)
def test_what_is_wrong_is_found(expression, problem, series):
    reader = Reader(series)
    reader.labels(expression)
    assert any(problem in each for each in reader.problems), reader.problems


def test_labels_follow_the_expression(series):
    reader = Reader(series)
    assert reader.labels("sum without (type, instance, job) (rate(concord_bus_consumed_total[5m]))") == {"service"}
    assert reader.labels("-(max(up) > 0)") == frozenset()
    assert reader.labels("max_over_time(sum by (queue) (rabbitmq_queue_consumers)[1h:1m])") == {"queue"}
    assert reader.labels("concord:queue_ready:messages") == {"queue", "service"}
    assert reader.problems == []
