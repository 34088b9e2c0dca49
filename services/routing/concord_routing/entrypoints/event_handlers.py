"""The events that routing handles: one table from the class of a message to its handler."""

from collections.abc import Mapping

from concord_bus.ports import Handler
from concord_city import City
from concord_contracts import CATALOGUE
from concord_contracts.messages import ConcernSubmitted, ConcernWithdrawn, HistoryUpdated, ObjectionGiven
from concord_routing.application.follow_history import follow_history
from concord_routing.application.open_cases import CaseIds, OpenCases
from concord_routing.application.resident_requests import handle_objection, withdraw
from concord_routing.domain.case import new_case_ids


def event_handlers(city: City, case_ids: CaseIds = new_case_ids) -> Mapping[str, Handler]:
    """Return the handlers for one city by the name of the message type."""
    handlers: Mapping[type, Handler] = {
        ConcernSubmitted: OpenCases(city, case_ids),
        HistoryUpdated: lambda events, work: follow_history(events, work, city),
        ObjectionGiven: lambda events, work: handle_objection(events, work, city),
        ConcernWithdrawn: lambda events, work: withdraw(events, work, city),
    }
    return {kind.name: handlers[kind.data] for kind in CATALOGUE.values() if kind.data in handlers}
