"""`concord doctor` says which certificate ends, and when."""

from datetime import UTC, datetime, timedelta

from concord_bus.domain.certificates import Certificate
from concord_cli.doctor.certificate_rules import check_certificates
from concord_cli.doctor.findings import Level
from concord_cli.doctor.service_rules import check_service

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def certificate(name: str, days: float) -> Certificate:
    return Certificate(name, NOW + timedelta(days=days))


def test_a_certificate_that_ends_soon_is_a_warning_and_one_that_has_ended_a_problem() -> None:
    found = list(check_certificates([certificate("one", 5), certificate("two", -1), certificate("three", 90)], NOW, 21))
    assert [(finding.level, finding.what, finding.remedy) for finding in found] == [
        (Level.WARNING, "one ends in 5 days, on 2026-03-06", "Renew it before."),
        (Level.PROBLEM, "two has ended on 2026-02-28", "Renew it now, or no connection can be made."),
    ]


def test_valid_ones_are_counted_and_without_tls_nothing_is_said() -> None:
    [found] = check_certificates([certificate("one", 50), certificate("two", 90)], NOW, 21)
    assert (found.level, found.what) == (Level.OK, "2 valid until 2026-04-20 or longer")
    assert list(check_certificates([], NOW, 21)) == []


def test_a_services_warning_of_a_certificate_has_its_own_remedy() -> None:
    texts = ["the certificate of broker:5671 ends today, on 2026-03-01: renew it before", "the broker refuses x: do y"]
    _, first, second = check_service("intake", [], {}, texts)
    assert "renewed file" in first.remedy
    assert "Other messages pass" in second.remedy
