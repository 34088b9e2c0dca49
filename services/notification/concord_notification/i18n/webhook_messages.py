"""The mail to the contact of a webhook endpoint that was disabled."""

from collections.abc import Callable, Mapping

from concord_i18n.translator import Translator
from concord_notification.webhooks.domain.endpoint import Why


def _gone(name: str, translator: Translator) -> str:
    return translator.gettext(
        "The webhook endpoint %(name)s is disabled: it answered 410 Gone, which ends a webhook.", name=name
    )


def _exhausted(name: str, translator: Translator) -> str:
    return translator.gettext(
        "The webhook endpoint %(name)s is disabled: it did not take an event in ten attempts over three days.",
        name=name,
    )


REASONS: Mapping[Why, Callable[[str, Translator], str]] = {Why.GONE: _gone, Why.EXHAUSTED: _exhausted}


def endpoint_disabled(name: str, why: Why | None, kept_days: int, translator: Translator) -> tuple[str, str]:
    """Subject and body. `kept_days`: for how many days events can still be replayed."""
    kept = translator.ngettext(
        "Nothing is sent to it any more. Events are kept for %(number)s day.",
        "Nothing is sent to it any more. Events are kept for %(number)s days.",
        kept_days,
    )
    remedy = translator.gettext(
        "Once it works again, ask the city's operators to enable it and to replay what it missed:"
    )
    commands = f"  concord webhook enable {name}\n  concord webhook replay {name} --since {kept_days}d"
    reason = REASONS.get(why or Why.EXHAUSTED, _exhausted)(name, translator)
    body = f"{reason}\n\n{kept} {remedy}\n\n{commands}\n"
    return translator.gettext("Webhook %(name)s is disabled", name=name), body
