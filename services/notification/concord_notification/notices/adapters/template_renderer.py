"""Notices in words, from the templates of this package: first line the subject, then an empty line, then the body."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Any, get_args

from jinja2 import Environment, StrictUndefined, Template

from concord_city import City
from concord_contracts.feedback_links import LIFETIME, FeedbackLink, FeedbackLinks
from concord_i18n.catalogues import Catalogues
from concord_i18n.dates import format_moment
from concord_i18n.translator import Translator
from concord_notification.i18n.plain_text import one_line, quoted
from concord_notification.i18n.template_loader import TranslatedTemplates, sentence_end
from concord_notification.mail.address import greeting
from concord_notification.mail.message import Mail
from concord_notification.notices.domain.concern import Decision, Kind, Words
from concord_notification.notices.domain.delivery import Delivery

KINDS = tuple(kind for kind in get_args(Kind) if kind != "closed")
"""What there are texts for: of a concern that was closed nobody is told, its outcome was told before."""

PAST = "past"
"""The text in which a concern with a past is acknowledged: its promises were of another time."""


class TemplateWriter:
    """See `ports.Writer`. `sender` is the From setting; its domain makes the message ids.

    `links` signs the link in the mail of a resolution, `public_url` is where its page is served. There is one template
    for each kind of notice; its messages are looked up in the catalogue of the reader's language.
    """

    def __init__(self, city: City, sender: str, links: FeedbackLinks, public_url: str, catalogues: Catalogues) -> None:
        self._about = {"city": city.name, "emergency": city.emergency_number}
        self._teams = city.teams
        self._zone = city.zone
        self._domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
        self._languages = catalogues.negotiator(city.languages[0])
        self._links = links
        self._public_url = public_url
        self._templates = {
            (kind, language): template
            for language in catalogues.languages
            for kind, template in _templates(catalogues[language])
        }

    def language(self, wanted: str) -> str:
        return self._languages.nearest(wanted)

    def write(
        self,
        delivery: Delivery,
        decision: Decision,
        name: str | None,
        words: Words | None,
        recipient: str,
        now: datetime,
    ) -> Mail:
        """Raises KeyError for a language there is no text in."""
        language = delivery.language
        text = self._templates[PAST if decision.past else decision.kind, language].render(
            name=greeting(name),
            number=delivery.concern_id,
            **self._about,
            **self._decided(decision, language),
            **self._worded(decision, words or Words(""), language),
            **self._asked(decision, language, now),
        )
        subject, _, body = text.strip("\n").partition("\n\n")
        mail_id = f"<{delivery.id}@{self._domain}>"
        return Mail(mail_id, recipient, one_line(subject), body.lstrip("\n"), language, now)

    def _decided(self, decision: Decision, language: str) -> Mapping[str, Any]:
        """Who has it and by when one hears, as far as the event says."""
        return {
            "team": self._team(decision, language),
            "since": self._moment(decision.decided_at, language),
            "hear_by": self._moment(decision.acknowledge_by, language),
            "answer_by": self._moment(decision.respond_by, language),
            "promise": decision.promise,
            "initiator": decision.initiator,
            "waiting": decision.waiting,
        }

    def _worded(self, decision: Decision, words: Words, language: str) -> Mapping[str, Any]:
        return {
            "words": quoted(words.words),
            "partner": one_line(words.partner or ""),
            "where_to_go": quoted(words.where_to_go or ""),
            "due_by": self._moment(decision.due_at or words.due_at, language),
        }

    def _asked(self, decision: Decision, language: str, now: datetime) -> Mapping[str, Any]:
        """The link at which the reporter says whether it is fixed."""
        if decision.kind != "resolved":
            return {}
        until = now + LIFETIME
        token = self._links.write(FeedbackLink(decision.concern_id, decision.sequence, language, until))
        return {"link": f"{self._public_url}/feedback/{token}", "until": self._moment(until, language)}

    def _moment(self, moment: datetime | None, language: str) -> str | None:
        return format_moment(moment, language, self._zone) if moment else None

    def _team(self, decision: Decision, language: str) -> str:
        team = self._teams.get(decision.team or "")
        return one_line(team.name(language) if team else decision.team_name or decision.team or "")


def _templates(translator: Translator) -> Iterator[tuple[str, Template]]:
    """Each kind of notice and its template in the translator's language."""
    environment = Environment(  # plain text: HTML escaping would spoil it
        loader=TranslatedTemplates("concord_notification", translator),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["sentence_end"] = sentence_end
    for kind in (*KINDS, PAST):
        yield kind, environment.get_template(f"{kind}.txt")
