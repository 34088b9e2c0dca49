"""The schedule of attempts, what answers mean, how an endpoint fares, and secrets that turn over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from concord_notification.webhooks.domain import endpoint as endpoints
from concord_notification.webhooks.domain.delivery import (
    MAX_ATTEMPTS,
    RETRY_DELAYS,
    Delivery,
    DeliveryState,
    Failure,
    after_attempt,
    retry_delay,
)
from concord_notification.webhooks.domain.endpoint import (
    DisableReason,
    Endpoint,
    EndpointSecrets,
    EndpointState,
    Grant,
    Secret,
)
from concord_notification.webhooks.domain.receiver_response import (
    MAX_RETRY_AFTER,
    ReceiverResponse,
    Verdict,
    parse_retry_after,
)

NOW = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
DOWN = ReceiverResponse("status", 503)
GRANT = Grant(("concern.routed.v1",), areas=("B2", "B3"), categories=("graffiti",))
ENDPOINT = Endpoint("wh_1", "parks", "https://hooks.example.org/", GRANT, "sealed", NOW)


def due() -> Delivery:
    return Delivery("wh_1", "event", "concern.routed.v1", NOW, NOW)


def test_ten_attempts_in_three_days() -> None:
    now, delivery = NOW, due()
    while delivery.state is DeliveryState.DUE:
        now = delivery.not_before
        delivery = after_attempt(delivery, DOWN, now, 0.5)
    assert (delivery.attempts, delivery.failure) == (MAX_ATTEMPTS, Failure.EXHAUSTED)
    assert MAX_ATTEMPTS == 10
    assert timedelta(days=2.9) < now - NOW < timedelta(days=3.1)
    assert delivery.result == "status 503"


def test_jitter_spreads_what_failed_together() -> None:
    for attempts, wait in enumerate(RETRY_DELAYS, 1):
        assert retry_delay(attempts, 0.0) == pytest.approx(0.9 * wait)
        assert retry_delay(attempts, 0.999) == pytest.approx(1.1 * wait, rel=1e-3)


def test_taken() -> None:
    done = after_attempt(due(), ReceiverResponse("status", 202), NOW, 0.5)
    assert (done.state, done.attempts, done.finished_at, done.failure) == (DeliveryState.DELIVERED, 1, NOW, None)


def test_gone() -> None:
    done = after_attempt(due(), ReceiverResponse("status", 410), NOW, 0.5)
    assert (done.state, done.failure) == (DeliveryState.FAILED, Failure.GONE)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        *((status, Verdict.ACCEPTED) for status in (200, 201, 204, 299)),
        *((status, Verdict.RETRY) for status in (None, 100, 301, 302, 307, 400, 401, 404, 429, 500, 503, 999)),
        (410, Verdict.GONE),
    ],
)
def test_2xx_only_is_success(status: int | None, verdict: Verdict) -> None:
    assert ReceiverResponse("status", status).verdict is verdict


def test_retry_after_puts_off_the_delivery_and_the_endpoint() -> None:
    busy = ReceiverResponse("status", 429, 120.0)
    assert after_attempt(due(), busy, NOW, 0.5).not_before == NOW + timedelta(seconds=120)
    assert endpoints.failed(ENDPOINT, NOW, 0.0, 120.0).rest_until == NOW + timedelta(seconds=120)
    third = replace(due(), attempts=2)
    assert after_attempt(third, busy, NOW, 0.5).not_before == NOW + timedelta(seconds=RETRY_DELAYS[2]), (
        "never sooner than planned"
    )


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        *((None, None), ("", None), ("soon", None), ("-5", None), ("1.5", None), ("²", None), ("0", 0), ("120", 120)),
        *((" 7 ", 7), ("999999999999999999999", MAX_RETRY_AFTER), ("Thu, 26 Nov 2026 15:01:00 GMT", 60)),
        *(("Thu, 26 Nov 2026 14:00:00 GMT", 0), ("Fri, 26 Nov 2027 15:00:00 GMT", MAX_RETRY_AFTER)),
        *(("Thu, 26 Nov 2026 15:01:00", None), ("Thu, 99 Nov 2026 15:01:00 GMT", None)),
    ],
)
def test_retry_after_is_read_and_bounded(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header, NOW) == seconds


def test_an_endpoint_that_fails_is_left_in_peace_ever_longer() -> None:
    endpoint, rests = ENDPOINT, []
    for _ in range(8):
        endpoint = endpoints.failed(endpoint, NOW, 0.0, None)
        assert endpoint.rest_until
        rests.append((endpoint.rest_until - NOW).total_seconds())
    assert rests == [1, 2, 4, 8, 16, 32, 60, 60]
    assert endpoints.succeeded(endpoint) == ENDPOINT


def test_disabled_and_enabled() -> None:
    ended = endpoints.disabled(endpoints.failed(ENDPOINT, NOW, 0.0, None), DisableReason.EXHAUSTED, NOW)
    assert (ended.state, ended.why, ended.disabled_at) == (EndpointState.DISABLED, DisableReason.EXHAUSTED, NOW)
    assert ended.told_at is None
    assert endpoints.disabled(ended, DisableReason.OPERATOR, NOW + timedelta(days=1)) == ended
    assert endpoints.enabled(ended) == ENDPOINT
    assert endpoints.disabled(ENDPOINT, DisableReason.OPERATOR, NOW).told_at == NOW, "who did it need not be told"


def test_a_grant_covers_what_it_names_and_nothing_else() -> None:
    assert GRANT.covers("concern.routed.v1", "B2", "graffiti")
    for kind, area, category in (
        ("concern.closed.v1", "B2", "graffiti"),
        ("concern.routed.v1", "A1", "graffiti"),
        ("concern.routed.v1", None, "graffiti"),
        ("concern.routed.v1", "B2", "noise"),
        ("concern.routed.v1", "B2", None),
    ):
        assert not GRANT.covers(kind, area, category)
    assert Grant(("concern.routed.v1",)).covers("concern.routed.v1", None, None)


def test_secrets_turn_over_and_at_most_two_live() -> None:
    day = timedelta(days=1)
    first = EndpointSecrets((Secret("one"),), "ops@example.org")
    second = first.rotated("two", NOW, day)
    assert second.live(NOW) == ["two", "one"]
    assert second.live(NOW + day) == ["two"]
    assert second.contact == "ops@example.org"
    third = second.rotated("three", NOW + timedelta(hours=1), day)
    assert third.live(NOW + timedelta(hours=1)) == ["three", "two"]
    assert first.rotated("two", NOW, timedelta(0)).live(NOW) == ["two"], "a secret that got out ends at once"
