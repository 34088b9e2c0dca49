"""What intake answers, as JSON values. Keys stand in the order in which people should read them."""

from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from concord_city import City, reads_like_emergency
from concord_intake.application.concern_status import Account
from concord_intake.application.submit_concern import TakenIn
from concord_intake.domain.receipt import grouped
from concord_intake.domain.timeline import BY_THE_WAY, Step, holder, promised, status_of
from concord_intake.i18n import status_messages

NO_WORDS: dict[str, Any] = {"words": None, "where_to_go": None, "partner": None}


class Answers:
    """Puts outcomes into words for one city."""

    def __init__(self, city: City) -> None:
        self._city = city

    def language(self, accepted: str | None, languages: tuple[str, ...] = status_messages.LANGUAGES) -> str:
        """The best of `languages` for an Accept-Language header; the city's first where it says nothing of use."""
        spoken = {_base(each): each for each in reversed(languages)}
        for tag, quality in parse_accept_header(accepted, LanguageAccept) if accepted else ():
            if quality > 0 and _base(tag) in spoken:
                return spoken[_base(tag)]
        return spoken.get(_base(self._city.languages[0]), languages[0])

    def emergency(self, text: str, language: str) -> dict[str, Any]:
        """`{"emergency": …}` when the words read like one, else nothing."""
        if not reads_like_emergency(self._city, text):
            return {}
        number = self._city.emergency_number
        return {"emergency": {"number": number, "message": status_messages.emergency(language, number)}}

    def taken_in(self, outcome: TakenIn, text: str, language: str) -> dict[str, Any]:
        """The answer to who reported a concern; a warning comes first."""
        return self.emergency(text, language) | {
            "id": outcome.concern_id,
            "receipt": grouped(outcome.receipt) if outcome.receipt else None,
            "status": "received",
            "message": status_messages.thanks(language),
            "received_at": outcome.received_at,
        }

    def account(self, account: Account, language: str) -> dict[str, Any]:
        """What became of a concern, for who holds its receipt."""
        concern, steps = account.concern, account.steps
        received = {"status": "received", "at": concern.received_at, "message": status_messages.received(language)}
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
        language = self.language(accepted, self._city.languages)
        return {
            "language": language,
            "categories": [
                {"code": each.code, "name": each.name(language), "group": each.group, "sensitive": each.sensitive}
                for each in self._city.categories.values()
            ],
        }

    def _history(self, account: Account, language: str) -> Iterator[Mapping[str, Any]]:
        """Each step in plain words, with what an officer wrote about it, as far as that has come."""
        last = max((n for n, each in enumerate(account.steps) if each.status not in BY_THE_WAY), default=-1)
        for number, step in enumerate(account.steps):
            word = account.words.get(step.sequence)
            said = {"words": word.words, "where_to_go": word.where_to_go, "partner": word.partner} if word else NO_WORDS
            message = status_messages.step(
                step, language, self._city.zone, lambda each: self._team(each, language), latest=number > last
            )
            yield {"status": step.status, "at": step.at, "message": message, **said}

    def _category(self, code: str, language: str) -> Mapping[str, str]:
        known = self._city.categories.get(code)
        return {"code": code, "name": known.name(language) if known else code}

    def _team(self, step: Step, language: str) -> str:
        known = self._city.teams.get(step.team or "")
        return known.name(language) if known else step.team_name or step.team or ""


def _base(tag: str) -> str:
    """`es` of `es-MX`."""
    return tag.partition("-")[0].lower()
