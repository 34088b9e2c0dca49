"""A third language is one catalogue: mails, pages and answers are then in it, without a change of the code."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pseudo_language import write_catalogue

from concord_city import City, Team
from concord_contracts.feedback_links import FeedbackLink, FeedbackLinks
from concord_contracts.status_links import StatusLinks
from concord_i18n.catalogues import Catalogues
from concord_i18n.languages import supported_languages
from concord_intake.domain.timeline import STATUSES, Step
from concord_intake.entrypoints.pages.feedback import FeedbackPage
from concord_intake.entrypoints.pages.site import page_assets, resident_pages
from concord_intake.entrypoints.responses import Responses
from concord_intake.i18n.feedback_messages import MESSAGE_PAGES
from concord_intake.i18n.status_messages import StatusMessages
from concord_notification.i18n.webhook_messages import endpoint_disabled
from concord_notification.notices.adapters.resident_links import ResidentLinks
from concord_notification.notices.adapters.team_renderer import TeamMailRenderer
from concord_notification.notices.adapters.template_renderer import KINDS, TemplateRenderer
from concord_notification.notices.domain.concern import Decision, OfficerMessage
from concord_notification.notices.domain.delivery import Delivery
from concord_notification.notices.domain.team_policy import OVERTAKEN_FOR_TEAM
from concord_notification.webhooks.domain.endpoint import DisableReason
from concord_web import Query

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LINKS = FeedbackLinks(["k" * 32])
CITY = City(
    name="Boston",
    time_zone="America/New_York",
    languages=("en", "es"),
    emergency_number="911",
    areas={},
    categories={},
    teams={"d4": Team("d4", {"en": "District D-4"}, None)},
    rules=(),
)
REASONS = ("placeholder", "outside", "no_location", "no_rule", "unknown_category")
OURS = re.compile(r"⟦[^⟧]*⟧")


def english_left(text: str, *values: str) -> str:
    """What is left of a text without translated messages and the values that are in no catalogue."""
    left = OURS.sub("", " ".join(text.split()))
    for value in values:
        left = left.replace(value, "")
    return left.strip()


def test_one_file_makes_a_language_supported(locale_folder: Path) -> None:
    write_catalogue(locale_folder, "fr")
    assert supported_languages(locale_folder) == ("en", "es", "fr")


@pytest.mark.parametrize("promise", ["acknowledgement", "response", None])
@pytest.mark.parametrize("initiator", ["resident", "officer"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_is_in_the_third_language(
    with_french: Catalogues, kind: Any, promise: str | None, initiator: str
) -> None:
    links = ResidentLinks(LINKS, StatusLinks(["k" * 32]), "https://c.example.org")
    renderer = TemplateRenderer(lambda: CITY, "C <c@example.org>", links, with_french)
    language = renderer.language("fr-CA")
    assert language == "fr"
    notice = Delivery("n-1", "c-1", "contact", "e-1", "notice", language, NOW, NOW)
    times = {"acknowledge_by": NOW, "respond_by": NOW, "due_at": NOW}
    for team, past in (("d4", False), (None, False), ("d4", True), (None, True)):
        decided = Decision(
            "c-1", "e-1", 1, kind, NOW, "k", team=team, promise=promise, initiator=initiator, waiting=True, past=past,
            **times,
        )  # fmt: skip
        for name, words in (("Ana", OfficerMessage("Mots", "Ailleurs", "Port")), (None, OfficerMessage("Mots"))):
            mail = renderer.render(notice, decided, name, words, "ana@example.org", NOW)
            assert mail.language == "fr"
            assert english_left(mail.subject) == ""
            body = re.sub(r"https://\S+", "", mail.body)
            assert english_left(body, "Mots", "Ailleurs", "Boston") == ""
            assert re.search(r"lundi \d+ (novembre|décembre) 2026", body) or kind not in {"routed", "resolved"}


@pytest.mark.parametrize("notice", ["team_routed", "team_digest"])
@pytest.mark.parametrize("kind", OVERTAKEN_FOR_TEAM)
def test_every_mail_to_a_team_is_in_the_third_language(with_french: Catalogues, kind: Any, notice: str) -> None:
    renderer = TeamMailRenderer(lambda: CITY, "C <c@example.org>", "https://desk.example.org", with_french)
    delivery = Delivery("n-1", "", "team", "e-1", notice, "fr", NOW, NOW)
    times = {"acknowledge_by": NOW, "respond_by": NOW, "due_at": NOW}
    decided = Decision("c-1", "e-1", 1, kind, NOW, "k", team="d4", area="D4", case_id="c-1", category="noise", **times)
    mail = renderer.render(delivery, [decided] * 21, "d4@example.org", NOW)
    assert english_left(mail.subject) == ""
    assert english_left(re.sub(r"https://\S+", "", mail.body), "Boston") == ""


@pytest.mark.parametrize("why", [DisableReason.GONE, DisableReason.EXHAUSTED])
def test_the_mail_about_a_webhook_is_in_the_third_language(with_french: Catalogues, why: DisableReason) -> None:
    subject, body = endpoint_disabled("parks", why, 30, with_french["fr"])
    commands = "concord webhook enable parks", "concord webhook replay parks --since 30d"
    assert all(command in body for command in commands)
    assert english_left(subject) == english_left(body, *commands) == ""


class Links:
    """Feedback whose link is good, as far as the page is concerned."""

    def open(self, token: str) -> FeedbackLink:
        return FeedbackLink("c-1", 1, token, NOW + timedelta(days=14))


def asked(page: FeedbackPage, token: str, query: str = "", accepted: str | None = None) -> str:
    headers = {"accept-language": accepted} if accepted else {}
    request: Any = SimpleNamespace(method="GET", query=Query(query), headers=headers, params={"token": token})
    response = page.show(request)
    body = response.body
    assert isinstance(body, bytes)
    return body.decode()


def test_the_page_is_in_the_third_language_and_links_to_the_others(with_french: Catalogues) -> None:
    feedback: Any = Links()
    page = FeedbackPage(feedback, resident_pages(CITY, with_french, page_assets()))
    for html in (asked(page, "fr"), asked(page, "en", "language=fr"), asked(page, "xx", accepted="fr-CA")):
        assert '<html lang="fr" dir="ltr">' in html
        assert re.findall(r'hreflang="(\w+)">([^<]+)<', html) == [("en", "English"), ("es", "Español")]
        texts = " ".join(re.findall(r">([^<]+)<", html.partition("</head>")[2]))
        assert re.sub(r"[\d:\s]", "", english_left(texts, "English", "Español", "Boston")) == ""
    assert [tag for tag, _ in re.findall(r'hreflang="(\w+)">([^<]+)<', asked(page, "en"))] == ["es", "fr"]


@pytest.mark.parametrize("what", MESSAGE_PAGES)
def test_the_other_pages_are_in_the_third_language(with_french: Catalogues, what: str) -> None:
    assert english_left(" ".join(MESSAGE_PAGES[what](with_french["fr"]))) == ""


@pytest.mark.parametrize("status", STATUSES)
def test_every_step_is_in_the_third_language(with_french: Catalogues, status: Any) -> None:
    messages = StatusMessages(with_french["fr"], CITY.zone, lambda step: "D-4")
    for acknowledge in (NOW, None):
        for respond in (NOW, None):
            for due in (NOW, None):
                for reason in (*REASONS, None):
                    for promise in ("acknowledgement", "response", None):
                        step = Step("c-1", 1, status, NOW, "d4", None, acknowledge, respond, reason, None, promise, due)
                        assert english_left(messages.step(step, latest=due is None)) == ""


def test_answers_choose_the_third_language(with_french: Catalogues) -> None:
    responses = Responses(CITY, with_french)
    assert responses.languages.negotiate("fr-CA, en;q=0.5") == "fr"
    assert responses.feedback("c1", fixed=True, accepted="fr")["message"] == "⟦Thank you for your answér.⟧"
