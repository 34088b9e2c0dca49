"""Notices in words, from the templates of this package: first line the subject, then an empty line, then the body."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr

from jinja2 import Environment, PackageLoader, StrictUndefined

from concord_city import City
from concord_notification.domain.addressing import greeting
from concord_notification.domain.concern import Decision, Details
from concord_notification.domain.delivery import Delivery
from concord_notification.domain.languages import choose
from concord_notification.domain.mail import Mail
from concord_notification.domain.moments import LANGUAGES, in_words


class TemplateWriter:
    """See `ports.Writer`. `sender` is the From setting; its domain makes the message ids."""

    def __init__(self, city: City, sender: str) -> None:
        self._about = {"city": city.name, "emergency": city.emergency_number}
        self._teams = city.teams
        self._zone = city.zone
        self._domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
        self._default = choose(city.languages[0], LANGUAGES, LANGUAGES[0])
        environment = Environment(  # plain text: HTML escaping would spoil it
            loader=PackageLoader("concord_notification"),
            autoescape=False,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates = {
            (kind, language): environment.get_template(f"{kind}.{language}.txt")
            for kind in ("routed", "unroutable")
            for language in LANGUAGES
        }

    def language(self, wanted: str) -> str:
        return choose(wanted, LANGUAGES, self._default)

    def write(self, delivery: Delivery, decision: Decision, details: Details, recipient: str, now: datetime) -> Mail:
        """Raises KeyError for a language there is no text in."""
        language = delivery.language
        text = self._templates[decision.kind, language].render(
            name=greeting(details.name),
            number=delivery.concern_id,
            **self._about,
            **self._answers(decision, language),
        )
        subject, _, body = text.partition("\n\n")
        return Mail(f"<{delivery.id}@{self._domain}>", recipient, _one_line(subject), body, language, now)

    def _answers(self, decision: Decision, language: str) -> Mapping[str, str]:
        """Who has it and by when one hears; nothing of it is known while a person is finding out."""
        if decision.acknowledge_by is None or decision.respond_by is None:
            return {}
        return {
            "team": self._team(decision, language),
            "hear_by": in_words(decision.acknowledge_by, self._zone, language),
            "answer_by": in_words(decision.respond_by, self._zone, language),
        }

    def _team(self, decision: Decision, language: str) -> str:
        team = self._teams.get(decision.team or "")
        return _one_line(team.name(language) if team else decision.team_name or "")


def _one_line(text: str) -> str:
    return " ".join(text.split())
