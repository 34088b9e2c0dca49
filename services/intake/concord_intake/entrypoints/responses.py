"""What intake answers, as JSON values. Keys stand in the order in which people should read them."""

from collections.abc import Iterator, Mapping
from typing import Any

from concord_city import City, reads_like_emergency
from concord_i18n.catalogues import Catalogues
from concord_i18n.negotiation import Languages
from concord_intake.application.concern_status import Account
from concord_intake.application.submit_concern import TakenIn
from concord_intake.domain.receipt import grouped
from concord_intake.domain.timeline import BY_THE_WAY, Step, holder, promised, status_of
from concord_intake.i18n import status_messages
from concord_intake.i18n.feedback_messages import replied
from concord_intake.i18n.status_messages import StatusMessages

NO_WORDS: dict[str, Any] = {"words": None, "where_to_go": None, "partner": None}


class Answers:
    """Puts outcomes into words for one city. `languages` are those there are texts in, the city's first as default."""

    def __init__(self, city: City, catalogues: Catalogues) -> None:
        self._city = city
        self._catalogues = catalogues
        self.languages = catalogues.negotiator(city.languages[0])
        self._name_languages = Languages(city.languages, city.languages[0])

    def emergency(self, text: str, language: str) -> dict[str, Any]:
        """`{"emergency": …}` when the words read like one, else nothing."""
        if not reads_like_emergency(self._city, text):
            return {}
        number = self._city.emergency_number
        warning = status_messages.emergency_warning(self._catalogues[language], number)
        return {"emergency": {"number": number, "message": warning}}

    def taken_in(self, outcome: TakenIn, text: str, language: str) -> dict[str, Any]:
        """The answer to who reported a concern; a warning comes first."""
        return self.emergency(text, language) | {
            "id": outcome.concern_id,
            "receipt": grouped(outcome.receipt) if outcome.receipt else None,
            "status": "received",
            "message": status_messages.accepted(self._catalogues[language]),
            "received_at": outcome.received_at,
        }

    def account(self, account: Account, language: str) -> dict[str, Any]:
        """What became of a concern, for who holds its receipt."""
        concern, steps = account.concern, account.steps
        message = status_messages.received(self._catalogues[language])
        received = {"status": "received", "at": concern.received_at, "message": message}
        history: list[Mapping[str, Any]] = [{**received, **NO_WORDS}]
        history += self._history(account, language)
        chosen, due = holder(steps), promised(steps)
        return {
            "id": concern.id,
            "status": status_of(steps),
            "message": history[-1]["message"],
            "language": language,
            "category": self._category(concern.category, language),
            "received_at": concern.received_at,
            "occurred_at": concern.occurred_at,
            "team": self._team(chosen, language) if chosen else None,
            "acknowledge_by": due.acknowledge_by,
            "respond_by": due.respond_by,
            "history": history,
        }

    def categories(self, accepted: str | None) -> dict[str, Any]:
        """The city's categories, named in the language asked for."""
        language = self._name_languages.negotiate(accepted)
        return {
            "language": language,
            "categories": [
                {"code": each.code, "name": each.name(language), "group": each.group, "sensitive": each.sensitive}
                for each in self._city.categories.values()
            ],
        }

    def replied(self, accepted: str | None, *, fixed: bool) -> str:
        """Thanks for a reply to a resolution, in the best language for an Accept-Language header."""
        return replied(self._catalogues[self.languages.negotiate(accepted)], fixed=fixed)

    def _history(self, account: Account, language: str) -> Iterator[Mapping[str, Any]]:
        """Each step in plain words, with what an officer wrote about it, as far as that has come."""
        messages = StatusMessages(self._catalogues[language], self._city.zone, lambda step: self._team(step, language))
        last = max((n for n, each in enumerate(account.steps) if each.status not in BY_THE_WAY), default=-1)
        for number, step in enumerate(account.steps):
            word = account.words.get(step.sequence)
            said = {"words": word.words, "where_to_go": word.where_to_go, "partner": word.partner} if word else NO_WORDS
            message = messages.step(step, latest=number > last)
            yield {"status": step.status, "at": step.at, "message": message, **said}

    def _category(self, code: str, language: str) -> Mapping[str, str]:
        known = self._city.categories.get(code)
        return {"code": code, "name": known.name(language) if known else code}

    def _team(self, step: Step, language: str) -> str:
        known = self._city.teams.get(step.team or "")
        return known.name(language) if known else step.team_name or step.team or ""
