"""Commands and questions to the application service, parsed and rendered as the HTTP routes do it."""

from datetime import UTC, datetime

from routing_concerns import CITY

from concord_routing.application.cases import CaseService
from concord_routing.application.live_rules import fixed
from concord_routing.domain.case import read_case_id
from concord_routing.entrypoints.command_routes import read_request
from concord_routing.entrypoints.responses import case_details_json, render_case


class Client:
    """Sends requests to a CaseService on `transactions`."""

    def __init__(self, transactions, clock=lambda: datetime.now(UTC), decrypt=lambda sealed: None):
        self.cases = CaseService(fixed(CITY), transactions, render_case, clock, decrypt)

    def order(self, command, case_id, body, principal, if_match, key=None):
        headers = {"if-match": if_match} | ({} if key is None else {"idempotency-key": key})
        return self.cases.execute(read_request(command, case_id, body, principal, headers))

    def show(self, case_id, principal):
        """The version and the JSON of a case."""
        details = self.cases.get(read_case_id(case_id), principal)
        return details.case.version, case_details_json(details)
