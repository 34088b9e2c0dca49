"""The events that routing handles: one table from the class of a message to its handler."""

from collections.abc import Mapping

from concord_bus.ports import Handler
from concord_contracts import CATALOGUE
from concord_contracts.messages import (
    AnswerGiven,
    ConcernSubmitted,
    ConcernWithdrawn,
    ContactRecorded,
    HistoryUpdated,
    ObjectionGiven,
)
from concord_routing.application.follow_history import follow_history
from concord_routing.application.keep_contacts import keep_contacts
from concord_routing.application.live_rules import LiveRules
from concord_routing.application.open_cases import CaseIds, OpenCases
from concord_routing.application.resident_requests import handle_objection, take_answer, withdraw
from concord_routing.domain.case import new_case_ids


def event_handlers(rules: LiveRules, case_ids: CaseIds = new_case_ids) -> Mapping[str, Handler]:
    """Return the handlers by the name of the message type."""
    handlers: Mapping[type, Handler] = {
        ConcernSubmitted: OpenCases(rules, case_ids),
        HistoryUpdated: lambda events, work: follow_history(events, work, rules().city),
        ObjectionGiven: lambda events, work: handle_objection(events, work, rules().city),
        AnswerGiven: lambda events, work: take_answer(events, work, rules().city),
        ContactRecorded: keep_contacts,
        ConcernWithdrawn: lambda events, work: withdraw(events, work, rules().city),
    }
    return {kind.name: handlers[kind.data] for kind in CATALOGUE.values() if kind.data in handlers}
