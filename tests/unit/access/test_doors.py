"""Every door through which something is changed is either audited or for residents, who have no login."""

import pytest

from concord_intake.service import IntakeService
from concord_metrics.service import MetricsService
from concord_notification.service import NotificationService
from concord_notification.webhooks.application.manage_endpoints import AuditAction
from concord_routing.domain.commands import OFFICER_COMMANDS
from concord_routing.service import RoutingService
from concord_web.openapi import routes_of

HOOK = "/v1/webhooks/{endpoint}"
AUDITED = {
    IntakeService: {("POST", "/v1/concerns:batch"): "history.imported"},
    RoutingService: {
        ("POST", f"/v1/cases/{{case_id}}/{name}"): spec.audit_action for name, spec in OFFICER_COMMANDS.items()
    }
    | {("POST", "/v1/cases/search"): "case.search", ("POST", "/v1/cases/hand-over"): "case.handed_over"}
    | {
        ("POST", "/desk/sign-in"): "desk.signed_in",
        ("POST", "/desk/sign-out"): "desk.signed_out",
    },
    NotificationService: {
        ("POST", "/v1/webhooks"): AuditAction.ADDED,
        ("DELETE", HOOK): AuditAction.REMOVED,
        ("POST", f"{HOOK}/rotate"): AuditAction.ROTATED,
        ("POST", f"{HOOK}/disable"): AuditAction.DISABLED,
        ("POST", f"{HOOK}/enable"): AuditAction.ENABLED,
        ("POST", f"{HOOK}/replay"): AuditAction.REPLAYED,
    },
    MetricsService: {},
}
"""What the audit calls what is done there."""
OF_THE_API = {
    ("POST", "/desk/cases/{case_id}/do/{form}"),
    ("POST", "/desk/cases/{case_id}/words"),
    ("POST", "/desk/cases/{case_id}/contact"),
    ("POST", "/desk/search"),
}
"""Forms of the desk that go through use cases of the API, which audit them under the same names."""
OF_RESIDENTS = {
    ("POST", "/v1/concerns"),
    ("POST", "/v1/concerns/{id}/withdraw"),
    ("POST", "/v1/concern/answers"),
    ("POST", "/v1/concern/contact"),
    ("POST", "/v1/concern/feedback"),
    ("POST", "/v1/concern/withdrawal"),
    ("POST", "/v1/feedback"),
    ("POST", "/feedback/{token}"),
    ("POST", "/report"),
    ("POST", "/report/place"),
    ("POST", "/track"),
    ("POST", "/track/{token}"),
}


@pytest.mark.parametrize("service", AUDITED)
def test_whoever_adds_a_door_decides_whether_it_is_audited(service):
    changing = {(route.method, route.path) for route in routes_of(service) if route.method != "GET"}
    assert changing - OF_RESIDENTS - OF_THE_API == AUDITED[service].keys()


def test_no_two_acts_bear_one_name():
    names = [str(name) for doors in AUDITED.values() for name in doors.values()]
    assert len(set(names)) == len(names) == 23
