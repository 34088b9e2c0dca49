"""The words of the desk in English, marked for the gettext catalogues."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from concord_i18n.translator import N_, Translator

LISTS: Mapping[str, tuple[str, str]] = {
    "due": (N_("Due first"), N_("Nothing is due.")),
    "triage": (N_("Without a team"), N_("Every case has a team.")),
    "answers": (N_("Answers waiting"), N_("No answer waits for you.")),
    "mine": (N_("Mine"), N_("Nothing is yours at the moment.")),
    "silent": (N_("Silent"), N_("Nobody waits in silence.")),
}
"""Each list with its name and the sentence for an empty one."""

STATES: Mapping[str, str] = {
    "received": N_("Received"),
    "triage": N_("Needs a team"),
    "routed": N_("New"),
    "acknowledged": N_("Acknowledged"),
    "in_progress": N_("In progress"),
    "waiting_for_resident": N_("Waits for the resident"),
    "referred": N_("With a partner"),
    "resolved": N_("Resolved"),
    "declined": N_("Declined"),
    "withdrawn": N_("Taken back"),
    "reopened": N_("Opened again"),
    "closed": N_("Closed"),
}

PROMISES: Mapping[str, str] = {
    "acknowledgement": N_("First answer"),
    "response": N_("Response"),
    "agreed": N_("Your promise"),
}

PROMISE_STATES: Mapping[str, str] = {
    "open": N_("open"),
    "kept": N_("kept"),
    "missed": N_("missed"),
    "void": N_("no longer counts"),
}

COMMANDS: Mapping[str, tuple[str, str]] = {
    "acknowledge": (N_("Acknowledge"), N_("The resident reads that a person of the team has seen it.")),
    "ask": (N_("Ask the resident"), N_("The resident reads your question and can answer it.")),
    "update": (N_("Send an update"), N_("The resident reads it.")),
    "promise": (N_("Promise something"), N_("The resident reads what you promise, and by when.")),
    "renegotiate": (N_("Change a promised time"), N_("Only before the time has passed. The resident reads why.")),
    "refer": (N_("Refer to a partner"), N_("The resident reads who takes it, and why.")),
    "resolve": (N_("Resolve"), N_("The resident reads the solution, and is asked whether it is fixed.")),
    "decline": (N_("Decline"), N_("The resident reads why, and where to go instead.")),
    "reassign": (N_("Give to another team"), N_("The team takes it with its history.")),
    "reopen": (N_("Open again"), N_("The promises begin anew.")),
    "assign": (N_("Give to a colleague"), N_("Only your team sees it, and your note stays in the history.")),
    "note": (N_("Note something"), N_("Only colleagues read it.")),
    "close": (N_("Close"), N_("Nothing more will happen. The resident can still say that it is not fixed.")),
}
"""Each form of the desk with its button and what follows from it. `ask` is an update that needs an answer."""

FIELDS: Mapping[tuple[str, str], str] = {
    ("ask", "message"): N_("Your question"),
    ("update", "message"): N_("What is going on"),
    ("update", "keeps_promise"): N_("This keeps what I had promised"),
    ("promise", "message"): N_("What you promise"),
    ("promise", "due_at"): N_("By when"),
    ("renegotiate", "promise"): N_("Which promise"),
    ("renegotiate", "due_at"): N_("The new time"),
    ("renegotiate", "reason"): N_("Why the time changes"),
    ("refer", "to"): N_("The partner"),
    ("refer", "reason"): N_("Why a partner takes it"),
    ("resolve", "reason"): N_("The solution"),
    ("decline", "reason"): N_("Why the city does not act"),
    ("decline", "where_to_go"): N_("Where to go instead"),
    ("reassign", "team"): N_("The team"),
    ("assign", "officer"): N_("The colleague, such as user:7f3a; empty for nobody"),
    ("assign", "note"): N_("A note for them"),
    ("note", "note"): N_("Your note"),
    ("reopen", "initiator"): N_("Whose wish it is"),
    ("reopen", "reason"): N_("Why it is not solved"),
}
INITIATORS: Mapping[str, str] = {"officer": N_("The team's"), "resident": N_("The resident's")}

HISTORY: Mapping[str, str] = {
    "open": N_("Case opened"),
    "acknowledge": N_("Acknowledged"),
    "update": N_("Update sent"),
    "promise": N_("Promise made"),
    "renegotiate": N_("Promised time changed"),
    "refer": N_("Referred"),
    "resolve": N_("Resolved"),
    "decline": N_("Declined"),
    "reassign": N_("Given to another team"),
    "reopen": N_("Opened again"),
    "close": N_("Closed"),
    "withdraw": N_("Taken back by the resident"),
    "hand_over": N_("Handed over with the changed rules"),
    "relocate": N_("Moved to another area of the map"),
    "move_target": N_("Target moved in the city's records"),
    "answer": N_("The resident answered"),
    "assign": N_("Given to a colleague"),
    "note": N_("Noted"),
    "import": N_("Taken over from the city's records"),
}
"""The entries of the history; an unknown one shows its own name."""

ACTORS: Mapping[str, str] = {"rules": N_("the city's rules"), "resident": N_("the resident")}

DONE: Mapping[str, str] = {
    "acknowledge": N_("Acknowledged. The resident hears of it."),
    "ask": N_("Your question is on its way to the resident."),
    "update": N_("Your update is on its way to the resident."),
    "promise": N_("Promised. The resident hears of it."),
    "renegotiate": N_("The time has changed. The resident hears why."),
    "refer": N_("Referred. The resident hears who takes it."),
    "resolve": N_("Resolved. The resident is asked whether it is fixed."),
    "decline": N_("Declined. The resident hears why."),
    "reassign": N_("Another team has it now."),
    "reopen": N_("Opened again, with new promises."),
    "assign": N_("The case is theirs now."),
    "note": N_("Noted for your colleagues."),
    "close": N_("Closed."),
}

FOUND = N_("Search")
NOTHING_FOUND = N_("No case has this number or these words.")
NOTHING_FITS = N_("No case fits the filter.")
SEARCH_LENGTH = N_("Give a number, or a word of three letters or more.")

CONFLICT = N_("Somebody else changed the case meanwhile. Nothing of yours was sent: look at the case as it is now.")
NOT_NOW = N_("The case no longer allows this. Nothing was sent; your words are below.")
PROMISE_OVER = N_("The time of this promise can no longer change. Send an update, and make a new promise.")
NOT_ALLOWED = N_("Your role or your teams do not allow this. Nothing was sent.")
SENT_BEFORE = N_("This form was used for something else already. Nothing was sent; send it from this page again.")
REQUIRED = N_("Please fill this in.")
WRONG_TIME = N_("Please give a day and a time.")
WRONG_CHOICE = N_("Please choose one of these.")
CONTROL_CHARACTERS = N_("Please remove characters that cannot be printed.")

WRONG_TIME_OF_PROMISE = N_("Please choose a time in the future, at most a year away.")

MESSAGES: Mapping[str, tuple[str, ...]] = {
    "not_found": (
        N_("No such case"),
        N_("There is no case with this number among those that you may read."),
    ),
    "no_right": (
        N_("Not for your role"),
        N_("Your role or your teams do not allow you to see this. An administrator can change it."),
    ),
    "ended": (
        N_("Your session has ended"),
        N_("You were away for a while. Nothing was sent: copy what you wrote, sign in again, and send it."),
    ),
    "other_site": (
        N_("This form came from somewhere else"),
        N_("Nothing was done. Go back to the desk, and send it from there."),
    ),
    "unavailable": (
        N_("The desk cannot answer just now"),
        N_("Nothing was sent. Wait a moment and try again; what you wrote is below."),
    ),
    "refused": (
        N_("The sign-in did not work"),
        N_("The answer did not fit the sign-in that this browser began. That happens after Back, or with two windows."),
    ),
    "no_group": (
        N_("You have no place at the desk yet"),
        N_("The city knows you, but none of your groups may use the desk. An administrator can add one."),
    ),
    "provider_away": (
        N_("The city's sign-in does not answer"),
        N_("Try again in a minute. Whoever is signed in stays signed in."),
    ),
    "too_many": (
        N_("Too many tries"),
        N_("Wait ten minutes, and try again."),
    ),
    "bad_request": (
        N_("The desk does not understand this"),
        N_("Go back to the desk, and try again from there."),
    ),
}
"""Pages without a form: a title and paragraphs."""

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def time_left(translator: Translator, due: datetime, now: datetime) -> str:
    """Return how long until a time, or since it: `3 hours left`, `2 days late`."""
    left = due - now
    late, span = left < timedelta(0), abs(left)
    if span >= 2 * DAY:
        return _days(translator, span // DAY, late=late)
    if span >= 2 * HOUR:
        return _hours(translator, span // HOUR, late=late)
    number = max(1, span // MINUTE)
    if late:
        return translator.ngettext("%(number)s minute late", "%(number)s minutes late", number)
    return translator.ngettext("%(number)s minute left", "%(number)s minutes left", number)


def _days(translator: Translator, number: int, *, late: bool) -> str:
    if late:
        return translator.ngettext("%(number)s day late", "%(number)s days late", number)
    return translator.ngettext("%(number)s day left", "%(number)s days left", number)


def _hours(translator: Translator, number: int, *, late: bool) -> str:
    if late:
        return translator.ngettext("%(number)s hour late", "%(number)s hours late", number)
    return translator.ngettext("%(number)s hour left", "%(number)s hours left", number)
