"""Asking a service how it is."""

from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families

from concord_cli.doctor.findings import Finding, problem
from concord_cli.doctor.machine_rules import judge_clock
from concord_cli.doctor.service_rules import judge_service
from concord_cli.doctor.timed_get import timed_get
from concord_http import HttpError, InvalidJsonError, Response, ServerAddress


def examine_service(name: str, url: str) -> Iterator[Finding]:
    """Its readiness, its measures, its clock."""
    try:
        server = ServerAddress.parse(url)
        ready, metrics = timed_get(server, "/readyz"), timed_get(server, "/metrics")
    except HttpError as error:
        yield problem(name, f"no response from {server.url}: {error}", f"Start {name}, or see its log.")
        return
    yield from judge_service(name, _reasons(ready.response), _metrics(metrics.response))
    if ready.ahead is not None:
        yield judge_clock(name, ready.ahead)


def _reasons(answer: Response) -> list[str]:
    if answer.status == 200:
        return []
    try:
        return [str(each) for each in answer.json()["reasons"]] or [f"it answers {answer.status}"]
    except (InvalidJsonError, LookupError, TypeError):
        return [f"it answers {answer.status} to /readyz"]


def _metrics(answer: Response) -> dict[str, float]:
    """Values without labels; none when they cannot be read."""
    if answer.status != 200:
        return {}
    try:
        families = list(text_string_to_metric_families(answer.text))
    except ValueError:
        return {}
    return {each.name: each.value for family in families for each in family.samples if not each.labels}
