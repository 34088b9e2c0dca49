"""Sentences for a concern's status and history."""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from concord_i18n.dates import format_moment
from concord_i18n.translator import N_, Translator
from concord_intake.domain.timeline import Status, Step

STATUS: Mapping[Status, str] = {
    "received": N_("We have your concern."),
    "routed": N_("It is with %(team)s."),
    "unroutable": N_("A person is choosing who should act on it."),
    "acknowledged": N_("The team has seen it."),
    "updated": N_("There is news from the team."),
    "waiting": N_("There is news from the team: it needs an answer from you."),
    "reassigned": N_("Another team has it now: %(team)s."),
    "referred": N_("It was handed to a partner outside our teams."),
    "resolved": N_("The team says that it was dealt with."),
    "declined": N_("The city will not act on it."),
    "reopened": N_("It is open again."),
    "closed": N_("It is closed."),
    "renegotiated": N_("The team needs more time than was promised."),
    "missed": N_("A promise was not kept in time."),
    "withdrawn": N_("You took it back."),
    "answered": N_("You wrote to the team."),
    "unanswered": N_("The team still waits for your answer."),
}

UNROUTABLE_REASON: Mapping[str, str] = {
    "placeholder": N_("The place given stands for an unknown place."),
    "outside": N_("The place lies outside the areas we look after."),
    "no_location": N_("We could not find the place on the map."),
    "no_rule": N_("No team looks after this kind of concern there by rule."),
    "unknown_category": N_("This kind of concern is not on our list any more."),
}

NOT_KEPT_YET: Mapping[str, str] = {
    "acknowledgement": N_(
        "We promised that you would hear from a person by %(due)s, and have not kept it yet.",
    ),
    "response": N_("We promised to answer by %(due)s, and have not kept it yet."),
    "agreed": N_("We promised you something by %(due)s, and have not kept it yet."),
}

KEPT_LATE: Mapping[str, str] = {
    "acknowledgement": N_(
        "We promised that you would hear from a person by %(due)s, and did not keep it in time.",
    ),
    "response": N_("We promised to answer by %(due)s, and did not keep it in time."),
    "agreed": N_("We promised you something by %(due)s, and did not keep it in time."),
}


def accepted(translator: Translator) -> str:
    """Return the message for a new concern."""
    return translator.gettext("Thank you, we have your concern. Keep the receipt: with it you can see what happens.")


def emergency_warning(translator: Translator, number: str) -> str:
    """Return the warning for a report that reads like an emergency; `number` is the emergency number."""
    return translator.gettext(
        "If anyone is in danger, call %(number)s now. Nobody reads this page around the clock.", number=number
    )


def received(translator: Translator) -> str:
    """Return the message of the first entry of every history."""
    return translator.gettext(STATUS["received"])


class StatusMessages:
    """Renders steps as sentences in one language, with due times in the city's time zone."""

    def __init__(self, translator: Translator, zone: ZoneInfo, team_name: Callable[[Step], str]) -> None:
        self._translator = translator
        self._zone = zone
        self._team_name = team_name

    def step(self, step: Step, *, latest: bool = True) -> str:
        """Return the sentences for a step. `latest` means that no later step changed the status."""
        _ = self._translator.gettext
        if step.status == "missed" and step.due_at:
            messages = NOT_KEPT_YET if latest else KEPT_LATE
            return _(messages.get(step.promise or "", messages["agreed"]), due=self._moment(step.due_at))
        sentence = _(STATUS[step.status], team=self._team_name(step))
        reason = UNROUTABLE_REASON.get(step.reason or "")
        more = self._promise(step) or (reason and _(reason))
        return f"{sentence} {more}" if more else sentence

    def _promise(self, step: Step) -> str | None:
        if step.acknowledge_by and step.respond_by:
            return self._both(step.acknowledge_by, step.respond_by, bool(step.team))
        if step.acknowledge_by:
            return self._acknowledgement(step.acknowledge_by, bool(step.team))
        _ = self._translator.gettext
        if step.respond_by:
            return _("You will hear what is done about it by %(respond)s.", respond=self._moment(step.respond_by))
        return _("They promise it by %(due)s now.", due=self._moment(step.due_at)) if step.due_at else None

    def _both(self, acknowledge_by: datetime, respond_by: datetime, team_known: bool) -> str:
        _ = self._translator.gettext
        times = {"acknowledge": self._moment(acknowledge_by), "respond": self._moment(respond_by)}
        if team_known:
            return _("You will hear from them by %(acknowledge)s, and what is done about it by %(respond)s.", **times)
        return _("You will hear by %(acknowledge)s, and what is done about it by %(respond)s.", **times)

    def _acknowledgement(self, acknowledge_by: datetime, team_known: bool) -> str:
        _ = self._translator.gettext
        acknowledge = self._moment(acknowledge_by)
        if team_known:
            return _("You will hear from them by %(acknowledge)s.", acknowledge=acknowledge)
        return _("You will hear by %(acknowledge)s.", acknowledge=acknowledge)

    def _moment(self, moment: datetime) -> str:
        return format_moment(moment, self._translator.language, self._zone)
