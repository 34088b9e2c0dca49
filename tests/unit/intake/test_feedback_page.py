"""The page of the feedback link when its form comes again: a double tap, a refresh, another answer, a wrong form."""

from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import urlencode

from residents import LINK_KEY, NOW, Office, told

from concord_contracts.feedback_links import FeedbackLink, FeedbackLinks
from concord_web import Query


def send(office: Office, concern_id: str, **fields: str) -> tuple[int, str]:
    """Submit the form; return the status and the page."""
    token = FeedbackLinks([LINK_KEY]).write(FeedbackLink(concern_id, 3, "en", NOW + timedelta(days=14)))
    request = SimpleNamespace(
        method="POST", params={"token": token}, query=Query(), headers={}, form=lambda: Query(urlencode(fields))
    )
    response = office.client.routes.feedback_page.submit(request)
    return response.status, response.body.decode()


def test_the_same_form_gets_the_same_thanks_and_another_one_none() -> None:
    office = Office()
    concern_id = office.client.report(told())["id"]
    for _ in range(2):
        status, page = send(office, concern_id, fixed="no", reason="Still dark", voice="4")
        assert (status, "being opened again" in page) == (200, True)
    for fields in ({"fixed": "yes"}, {"fixed": "no", "reason": "Darker"}, {"fixed": "no"}, {}):
        status, page = send(office, concern_id, **fields)
        assert (status, "answered already" in page) == (409, True)
    assert len(office.published) == 2 + 3


def test_a_wrong_form_of_an_unused_link_stays_a_form() -> None:
    office = Office()
    concern_id = office.client.report(told())["id"]
    status, page = send(office, concern_id, fixed="no", voice="4")
    assert (status, 'name="voice" value="4" checked' in page) == (422, True)
    assert send(office, "another", fixed="no")[0] == 404
