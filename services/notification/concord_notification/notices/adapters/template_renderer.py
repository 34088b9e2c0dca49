"""The mails of notices, from the templates of this package.

A template yields the subject on its first line, then an empty line, then the body.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any, get_args
from zoneinfo import ZoneInfo

from jinja2 import Template

from concord_city import City
from concord_i18n.catalogues import Catalogues
from concord_i18n.dates import format_moment
from concord_i18n.translator import Translator
from concord_notification.i18n.plain_text import one_line, quoted
from concord_notification.i18n.template_loader import template_environment
from concord_notification.mail.address import greeting, message_id_domain
from concord_notification.mail.message import Mail
from concord_notification.notices.adapters.resident_links import ResidentLinks
from concord_notification.notices.domain.concern import Decision, Kind, OfficerMessage
from concord_notification.notices.domain.delivery import Delivery

KINDS = tuple(kind for kind in get_args(Kind) if kind not in ("closed", "answered"))
"""The kinds of decisions with a template. The reporter knows the outcome of a closed concern and their own answer."""

PAST = "past"
"""The template for the acknowledgement of an imported concern, whose promises are over."""


class TemplateRenderer:
    """Implements `ports.Renderer`. `sender` is the From setting; its domain appears in message ids.

    `city` returns the live city.

    `links` signs the links in mails to reporters. Each kind of notice has one template, with messages from the
    catalogue of the reader's language.
    """

    def __init__(self, city: Callable[[], City], sender: str, links: ResidentLinks, catalogues: Catalogues) -> None:
        self._city = city
        self._domain = message_id_domain(sender)
        self._negotiator = cache(catalogues.negotiator)
        self._links = links
        self._templates = {
            (kind, language): template
            for language in catalogues.languages
            for kind, template in _templates(catalogues[language])
        }

    def language(self, preference: str) -> str:
        return self._negotiator(self._city().languages[0]).nearest(preference)

    def render(
        self,
        delivery: Delivery,
        decision: Decision,
        name: str | None,
        message: OfficerMessage | None,
        recipient: str,
        now: datetime,
    ) -> Mail:
        """Render one notice. Raises KeyError for a language without a catalogue."""
        language, city = delivery.language, self._city()
        text = self._templates[PAST if decision.past else decision.kind, language].render(
            name=greeting(name),
            number=delivery.concern_id,
            city=city.name,
            emergency=city.emergency_number,
            **_decision_values(decision, language, city),
            **_message_values(decision, message or OfficerMessage(""), language, city.zone),
            **self._link_values(decision, language, now, city.zone),
        )
        subject, _, body = text.strip("\n").partition("\n\n")
        mail_id = f"<{delivery.id}@{self._domain}>"
        return Mail(mail_id, recipient, one_line(subject), body.lstrip("\n"), language, now)

    def _link_values(self, decision: Decision, language: str, now: datetime, zone: ZoneInfo) -> Mapping[str, Any]:
        """The links to the page of the concern, and to the questions about a resolution."""
        status = self._links.status(decision.concern_id, language, now)
        values = {
            "status_link": status.url,
            "status_until": _moment(status.until, language, zone),
            "receipt_page": self._links.receipt_page,
        }
        if decision.kind == "resolved":
            feedback = self._links.feedback(decision.concern_id, decision.sequence, language, now)
            values |= {"link": feedback.url, "until": _moment(feedback.until, language, zone)}
        return values


def _decision_values(decision: Decision, language: str, city: City) -> Mapping[str, Any]:
    return {
        "team": _team(decision, language, city),
        "since": _moment(decision.decided_at, language, city.zone),
        "hear_by": _moment(decision.acknowledge_by, language, city.zone),
        "answer_by": _moment(decision.respond_by, language, city.zone),
        "promise": decision.promise,
        "initiator": decision.initiator,
        "waiting": decision.waiting,
        "asked": _moment(decision.asked_at, language, city.zone),
    }


def _message_values(decision: Decision, message: OfficerMessage, language: str, zone: ZoneInfo) -> Mapping[str, Any]:
    return {
        "words": quoted(message.words),
        "partner": one_line(message.partner or ""),
        "where_to_go": quoted(message.where_to_go or ""),
        "due_by": _moment(decision.due_at or message.due_at, language, zone),
    }


def _moment(moment: datetime | None, language: str, zone: ZoneInfo) -> str | None:
    return format_moment(moment, language, zone) if moment else None


def _team(decision: Decision, language: str, city: City) -> str:
    """The name of the team in the live city; for a team that is gone, its name in the event."""
    team = city.teams.get(decision.team or "")
    return one_line(team.name(language) if team else decision.team_name or decision.team or "")


def _templates(translator: Translator) -> Iterator[tuple[str, Template]]:
    """Yield each kind of notice with its template in the translator's language."""
    environment = template_environment(translator)
    for kind in (*KINDS, PAST):
        yield kind, environment.get_template(f"{kind}.txt")
