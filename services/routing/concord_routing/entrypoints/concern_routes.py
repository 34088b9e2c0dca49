"""The HTTP routes that show a resident's words and contact. Each look is in the audit."""

from concord_access.nameko_mixin import AccessRoutes
from concord_routing.application.read_concern import ReadConcern
from concord_routing.domain.case import read_case_id
from concord_routing.entrypoints import concern_responses as responses
from concord_web import Request, Response, http, json_response

NO_STORE = {"Cache-Control": "no-store"}
"""Said here too, beside the default: nobody may loosen it for personal data."""


class ConcernRoutes(AccessRoutes):
    """Mix into the service class, which has a `concern_reader`."""

    concern_reader: ReadConcern

    @http(
        "GET",
        "/v1/cases/{case_id}/concern",
        summary="The resident's words and the exact place",
        description="Needs `case:words`; in a sensitive category your grant must name the team of the case. The audit"
        " notes `case.read`, once for all your looks within ten minutes, and the reporter can ask how often.",
        tags=["cases"],
        responses={200: responses.ConcernResponse},
        secured=True,
    )
    def get_concern(self, request: Request) -> Response:
        concern = self.concern_reader.concern(read_case_id(request.params["case_id"]), self.authenticate(request))
        return json_response(responses.concern_json(concern), headers=NO_STORE)

    @http(
        "GET",
        "/v1/cases/{case_id}/contact",
        summary="The reporter's contact",
        description="Needs `contact:read`; in a sensitive category your grant must name the team of the case. The audit"
        " notes `contact.read`, once for all your looks within ten minutes, and the reporter can ask how often."
        " `contact` is null if the reporter gave none; then the audit notes nothing.",
        tags=["cases"],
        responses={200: responses.ReporterContactResponse},
        secured=True,
    )
    def get_contact(self, request: Request) -> Response:
        found = self.concern_reader.contact(read_case_id(request.params["case_id"]), self.authenticate(request))
        return json_response(responses.contact_json(found), headers=NO_STORE)
