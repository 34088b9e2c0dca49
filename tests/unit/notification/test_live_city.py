"""Notices follow the live city: its default language, its names and the supervisors of its teams."""

from dataclasses import replace
from datetime import time
from pathlib import Path

from concord_city import load_words
from concord_contracts.feedback_links import FeedbackLinks
from concord_contracts.status_links import StatusLinks
from concord_i18n.catalogues import load_catalogues
from concord_notification.notices.adapters.resident_links import ResidentLinks
from concord_notification.notices.adapters.supervisors import LiveSupervisors
from concord_notification.notices.adapters.team_mailboxes import LiveTeamMailboxes
from concord_notification.notices.adapters.template_renderer import TemplateRenderer
from concord_notification.notices.domain.team_policy import TeamMailbox

BOSTON = load_words(Path(__file__).parents[3] / "deploy" / "sample" / "boston" / "city")


def test_the_default_language_is_that_of_the_live_city() -> None:
    live = BOSTON
    links = ResidentLinks(FeedbackLinks(["k" * 32]), StatusLinks(["k" * 32]), "https://c.example.org")
    renderer = TemplateRenderer(lambda: live, "c@example.org", links, load_catalogues())
    assert renderer.language("fr") == "en"
    live = replace(BOSTON, languages=("es", "en"))
    assert (renderer.language("fr"), renderer.language("en")) == ("es", "en")


def test_teams_get_mails_as_the_live_city_says() -> None:
    live = BOSTON
    mailboxes = LiveTeamMailboxes(lambda: live)
    assert dict(mailboxes) == {}
    changed = replace(BOSTON.teams["inspections"], mails="daily", digest_at=time(6, 30))
    at_once, without = replace(changed, code="parks", mails="at_once"), replace(changed, code="none", email=None)
    live = replace(BOSTON, teams={team.code: team for team in (changed, at_once, without)})
    assert dict(mailboxes) == {
        "inspections": TeamMailbox(changed.email or "", time(6, 30)),
        "parks": TeamMailbox(changed.email or ""),
    }
    assert len(mailboxes) == 2


def test_supervisors_are_those_of_the_live_teams() -> None:
    live = BOSTON
    supervisors = LiveSupervisors(lambda: live)
    assert dict(supervisors) == {code: team.supervisor for code, team in BOSTON.teams.items() if team.supervisor}
    assert len(supervisors) == len(dict(supervisors)) > 0
    inspections = replace(BOSTON.teams["inspections"], supervisor=None)
    live = replace(BOSTON, teams={"inspections": inspections})
    assert (dict(supervisors), supervisors.get("inspections"), supervisors.get("parks")) == ({}, None, None)
    assert "inspections" not in supervisors
