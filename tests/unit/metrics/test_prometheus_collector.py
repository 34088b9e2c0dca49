"""The Prometheus metrics: right sums, bounded labels, counters that never fall."""

from zoneinfo import ZoneInfo

from metric_events import acknowledged, delivered, failed, reassigned, received, reopened, resolved, routed, unroutable
from prometheus_client import CollectorRegistry
from tests.memory.bus import MemoryBus
from tests.memory.metrics import MemoryStore

from concord_metrics.adapters.prometheus_collector import (
    MAX_VALUES,
    TTL_SECONDS,
    MeasuresCollector,
    families,
    metric_name,
)
from concord_metrics.application.record_events import handlers
from concord_metrics.domain.aggregates import WIDTH
from concord_metrics.domain.summary import DIMENSIONS
from concord_metrics.measures import MEASURES

UTC_ZONE = ZoneInfo("UTC")


def registry_of(*events):
    bus = MemoryBus(MemoryStore(), handlers(UTC_ZONE))
    bus.deliver(*events)
    registry = CollectorRegistry()
    registry.register(MeasuresCollector(bus.database.store.overall))
    return registry


def test_nothing_yet_is_zero_and_a_share_of_nothing_is_absent():
    registry = registry_of()

    assert registry.get_sample_value("concord_concerns_received_total") == 0
    assert registry.get_sample_value("concord_time_to_route_seconds_count") == 0
    assert registry.get_sample_value("concord_unroutable_share") is None


def test_counts_and_times_in_all_and_by_each_dimension():
    registry = registry_of(received(), received("c2"), routed(), unroutable("c2"), delivered(), failed("c2"))

    value = registry.get_sample_value
    assert value("concord_concerns_received_total") == 2
    assert value("concord_concerns_routed_by_team", {"team": "b2"}) == 1
    assert value("concord_concerns_unroutable_by_category_total", {"category": "noise"}) == 1
    assert value("concord_cases_open") == 2
    assert value("concord_unroutable_share") == value("concord_notification_success") == 0.5
    assert value("concord_time_to_route_seconds_bucket", {"le": "1.0"}) == 0
    assert value("concord_time_to_route_seconds_bucket", {"le": "5.0"}) == 1
    assert value("concord_time_to_route_seconds_bucket", {"le": "+Inf"}) == 1
    assert value("concord_time_to_acknowledge_by_area_seconds_sum", {"area": "B2"}) == 4


def test_what_people_do_has_metrics_of_its_own():
    registry = registry_of(received(), routed(), delivered(), acknowledged(), resolved(), reopened())

    value = registry.get_sample_value
    assert value("concord_concerns_acknowledged_total") == value("concord_concerns_notified_total") == 1
    assert value("concord_concerns_resolved_by_area_total", {"area": "B2"}) == value("concord_cases_open") == 1
    assert value("concord_case_reopenings_total") == 1
    assert value("concord_time_to_acknowledge_seconds_sum") == 4
    assert value("concord_time_to_human_acknowledgement_seconds_sum") == 60
    assert value("concord_time_to_first_word_by_category_seconds_count", {"category": "noise"}) == 1
    assert value("concord_time_to_resolve_seconds_bucket", {"le": "3600.0"}) == 0
    assert value("concord_time_to_resolve_seconds_bucket", {"le": "14400.0"}) == 1
    assert value("concord_time_to_resolve_seconds_bucket", {"le": "0.5"}) is None


def test_by_team_it_is_a_gauge_since_a_concern_may_leave_its_team():
    registry = registry_of(received(), routed(), reassigned())

    kinds = {each.name: each.type for each in registry.collect()}
    assert kinds["concord_concerns_received_by_team"] == kinds["concord_cases_open_by_team"] == "gauge"
    assert kinds["concord_concerns_received_by_area"] == "counter"
    assert registry.get_sample_value("concord_concerns_received_by_team", {"team": "c6"}) == 1
    assert not registry.get_sample_value("concord_concerns_received_by_team", {"team": "b2"})


def test_what_has_no_area_yet_is_not_shown_by_area():
    registry = registry_of(received())

    assert registry.get_sample_value("concord_concerns_received_total") == 1
    assert registry.get_sample_value("concord_concerns_received_by_area_total", {"area": ""}) is None


def test_labels_are_bounded_and_what_is_beyond_is_other():
    events = [received(f"c{number}", category=f"k{number}") for number in range(MAX_VALUES + 7)]
    registry = registry_of(*events)

    [family] = [each for each in registry.collect() if each.name == "concord_concerns_received_by_category"]
    values = {each.labels["category"]: each.value for each in family.samples}
    assert len(values) == MAX_VALUES + 1
    assert (values["k0"], values["other"], sum(values.values())) == (1, 7, MAX_VALUES + 7)


def test_every_measure_has_its_metric():
    shown = {each.name for each in families({("a", "c", "w", "t"): [10] * WIDTH})}

    assert {each.prometheus.removesuffix("_total") for each in MEASURES} <= shown
    assert metric_name(MEASURES[0], DIMENSIONS[0]).removesuffix("_total") in shown


def test_the_sums_are_read_at_most_once_in_a_while():
    reads, now = [], [0.0]
    collector = MeasuresCollector(lambda: reads.append(1) or {}, clock=lambda: now[0])
    for moment in (0, TTL_SECONDS / 2, TTL_SECONDS):
        now[0] = moment
        assert list(collector.collect())

    assert len(reads) == 2


def test_a_database_that_is_away_hides_nothing_else():
    def away():
        raise OSError

    assert list(MeasuresCollector(away).collect()) == []
