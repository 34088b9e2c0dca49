"""Notices follow the live city: its default language, its names and the supervisors of its teams."""

from dataclasses import replace
from pathlib import Path

from concord_city import load_words
from concord_contracts.feedback_links import FeedbackLinks
from concord_i18n.catalogues import load_catalogues
from concord_notification.notices.adapters.supervisors import LiveSupervisors
from concord_notification.notices.adapters.template_renderer import TemplateRenderer

BOSTON = load_words(Path(__file__).parents[3] / "deploy" / "sample" / "boston" / "city")


def test_the_default_language_is_that_of_the_live_city() -> None:
    live = BOSTON
    links = FeedbackLinks(["k" * 32])
    renderer = TemplateRenderer(lambda: live, "c@example.org", links, "https://c.example.org", load_catalogues())
    assert renderer.language("fr") == "en"
    live = replace(BOSTON, languages=("es", "en"))
    assert (renderer.language("fr"), renderer.language("en")) == ("es", "en")


def test_supervisors_are_those_of_the_live_teams() -> None:
    live = BOSTON
    supervisors = LiveSupervisors(lambda: live)
    assert dict(supervisors) == {code: team.supervisor for code, team in BOSTON.teams.items() if team.supervisor}
    assert len(supervisors) == len(dict(supervisors)) > 0
    inspections = replace(BOSTON.teams["inspections"], supervisor=None)
    live = replace(BOSTON, teams={"inspections": inspections})
    assert (dict(supervisors), supervisors.get("inspections"), supervisors.get("parks")) == ({}, None, None)
    assert "inspections" not in supervisors
