"""Intake follows the live city: only the parts that depend on it are made anew."""

from unittest.mock import Mock

from residents import CITY

from concord_city.adapters.area_choices import AreaChoices
from concord_contracts.feedback_links import FeedbackLinks
from concord_contracts.status_links import StatusLinks
from concord_intake.domain.receipt import Receipts
from concord_intake.service import wiring


def test_only_the_parts_of_the_city_are_replaced() -> None:
    lasting, of_city = wiring(Receipts([b"k" * 32]), FeedbackLinks(["l" * 32]), StatusLinks(["l" * 32]), Mock())
    first, second = of_city(CITY, AreaChoices()), of_city(CITY, AreaChoices())
    assert not lasting.keys() & first.keys()
    assert all(first[name] is not second[name] for name in first)
    assert first.keys() == {
        "concern_parser",
        "ndjson_import",
        "responses",
        "feedback_page",
        "report_page",
        "start_pages",
        "track_page",
    }
