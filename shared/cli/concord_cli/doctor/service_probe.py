"""Reads of a service's readiness, metrics and clock."""

from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families

from concord_cli.doctor.findings import Finding, problem
from concord_cli.doctor.machine_rules import check_clock
from concord_cli.doctor.service_rules import check_service
from concord_cli.doctor.timed_get import timed_get, why
from concord_http import HttpError, InvalidJsonError, Response, ServerAddress


def examine_service(name: str, url: str) -> Iterator[Finding]:
    """Examine readiness, metrics and clock."""
    try:
        server = ServerAddress.parse(url)
        ready, metrics = timed_get(server, "/readyz"), timed_get(server, "/metrics")
    except HttpError as error:
        yield problem(name, f"no response from {server.url}: {why(error)}", f"Start {name}, or see its log.")
        return
    yield from check_service(name, _reasons(ready.response), _metrics(metrics.response), _warnings(ready.response))
    if ready.ahead is not None:
        yield check_clock(name, ready.ahead)


def _reasons(response: Response) -> list[str]:
    if response.status == 200:
        return []
    try:
        return [str(reason) for reason in response.json()["reasons"]] or [f"it answers {response.status}"]
    except (InvalidJsonError, LookupError, TypeError):
        return [f"it answers {response.status} to /readyz"]


def _warnings(response: Response) -> list[str]:
    try:
        return [str(text) for text in response.json().get("warnings", [])]  # older services have none
    except (InvalidJsonError, AttributeError, TypeError):
        return []


def _metrics(response: Response) -> dict[str, float]:
    """Return the values without labels; none from an unreadable response."""
    if response.status != 200:
        return {}
    try:
        families = list(text_string_to_metric_families(response.text))
    except ValueError:
        return {}
    return {sample.name: sample.value for family in families for sample in family.samples if not sample.labels}
