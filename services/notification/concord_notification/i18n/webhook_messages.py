"""The mail to the contact of a disabled webhook endpoint."""

from collections.abc import Callable, Mapping

from concord_i18n.translator import Translator


def _gone(name: str, translator: Translator) -> str:
    return translator.gettext(
        "The webhook endpoint %(name)s is disabled: it answered 410 Gone, which ends a webhook.", name=name
    )


def _exhausted(name: str, translator: Translator) -> str:
    return translator.gettext(
        "The webhook endpoint %(name)s is disabled: it did not take an event in ten attempts over three days.",
        name=name,
    )


REASONS: Mapping[str, Callable[[str, Translator], str]] = {"gone": _gone, "exhausted": _exhausted}


def endpoint_disabled(name: str, reason: str, kept_days: int, translator: Translator) -> tuple[str, str]:
    """Return subject and body. `reason` is a DisableReason; operators can replay events for `kept_days` days."""
    kept = translator.ngettext(
        "Nothing is sent to it any more. Events are kept for %(number)s day.",
        "Nothing is sent to it any more. Events are kept for %(number)s days.",
        kept_days,
    )
    remedy = translator.gettext(
        "Once it works again, ask the city's operators to enable it and to replay what it missed:"
    )
    commands = f"  concord webhook enable {name}\n  concord webhook replay {name} --since {kept_days}d"
    first = REASONS[reason](name, translator)
    body = f"{first}\n\n{kept} {remedy}\n\n{commands}\n"
    return translator.gettext("Webhook %(name)s is disabled", name=name), body
