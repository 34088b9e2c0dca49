"""The mails to teams, from the templates of this package. They state facts of cases, never a word of a resident."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from concord_city import City
from concord_i18n.catalogues import Catalogues
from concord_i18n.dates import format_moment
from concord_notification.i18n.plain_text import one_line
from concord_notification.i18n.template_loader import template_environment
from concord_notification.mail.address import message_id_domain
from concord_notification.mail.message import Mail
from concord_notification.notices.domain.concern import Decision
from concord_notification.notices.domain.delivery import TEAM_DIGEST, Delivery

MAX_LINES = 20
"""The events that one digest lists. It counts the others."""


@dataclass(frozen=True, slots=True)
class TeamLine:
    """One event as a mail states it; times are in the city's time. `link` leads to the desk, if there is one."""

    kind: str
    case: str
    category: str
    area: str | None
    hear_by: str | None
    answer_by: str | None
    due_by: str | None
    link: str | None


class TeamMailRenderer:
    """Implements `ports.TeamRenderer`. `sender` is the From setting; `desk_url` the address of the officers' desk."""

    def __init__(self, city: Callable[[], City], sender: str, desk_url: str | None, catalogues: Catalogues) -> None:
        self._city = city
        self._domain = message_id_domain(sender)
        self._desk_url = desk_url
        self._templates = {
            (name, language): template_environment(catalogues[language]).get_template(f"{name}.txt")
            for language in catalogues.languages
            for name in ("team", TEAM_DIGEST)
        }

    def render(self, delivery: Delivery, decisions: Sequence[Decision], recipient: str, now: datetime) -> Mail:
        """Render the mail about one event, or the digest of several, the oldest first."""
        language, city = delivery.language, self._city()
        name = TEAM_DIGEST if delivery.notice == TEAM_DIGEST else "team"
        text = self._templates[name, language].render(city=city.name, **self._values(decisions, language, city))
        subject, _, body = text.strip("\n").partition("\n\n")
        mail_id = f"<{delivery.id}@{self._domain}>"
        return Mail(mail_id, recipient, one_line(subject), body.lstrip("\n"), language, now)

    def _values(self, decisions: Sequence[Decision], language: str, city: City) -> Mapping[str, Any]:
        lines = [self._line(decision, language, city) for decision in decisions[:MAX_LINES]]
        return {
            "line": lines[0],
            "lines": lines,
            "number": len(decisions),
            "more": len(decisions) - len(lines),
            "desk": f"{self._desk_url}/desk" if self._desk_url else None,
        }

    def _line(self, decision: Decision, language: str, city: City) -> TeamLine:
        def moment(time: datetime | None) -> str | None:
            return format_moment(time, language, city.zone) if time else None

        category = city.categories.get(decision.category or "")
        case = decision.case_id or ""
        return TeamLine(
            kind=decision.kind,
            case=case,
            category=one_line(category.name(language)) if category else decision.category or "",
            area=decision.area,
            hear_by=moment(decision.acknowledge_by),
            answer_by=moment(decision.respond_by),
            due_by=moment(decision.due_at),
            link=f"{self._desk_url}/desk/cases/{case}" if self._desk_url else None,
        )
