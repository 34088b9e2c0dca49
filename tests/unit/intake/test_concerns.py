"""Single concerns: the responses that residents get."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from residents import CITY, NOW, Office, routed, told, unroutable, worked
from tests.memory.bus import MemoryBus

from concord_intake.application.timeline_projection import HANDLERS
from concord_intake.domain.receipt import check_digit, ungrouped
from concord_intake.ports import Counts
from concord_web import Problem


def followed(office: Office, *events: Any) -> None:
    MemoryBus(office.store, HANDLERS).deliver(*events)


def test_a_resident_gets_id_receipt_and_plain_words_after_one_transaction() -> None:
    office = Office()
    answer = office.client.report(told())
    receipt = ungrouped(answer["receipt"])
    assert list(answer) == ["id", "receipt", "status", "message", "received_at"]
    assert (answer["status"], answer["received_at"]) == ("received", "2026-11-22T18:20:00Z")
    assert len(answer["receipt"]) == 19
    assert check_digit(receipt[:15]) == int(receipt[15])
    assert "Keep the receipt" in answer["message"]
    assert office.transactions == 1


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("The house is ON FIRE", "en", "call 911 now"),
        ("¡Auxilio! Hay un incéndio", "es", "llame ahora al 911"),
        ("someone with a gun.", "es", "llame ahora al 911"),
    ],
)
def test_words_like_an_emergency_get_the_number_first_and_are_taken_in(text: str, language: str, words: str) -> None:
    office = Office()
    answer = office.client.report(told(description=text, language=language))
    assert next(iter(answer)) == "emergency"
    assert answer["emergency"]["number"] == "911"
    assert words in answer["emergency"]["message"]
    assert office.store.counts().concerns == 1


@pytest.mark.parametrize("text", ["The burgundy car", "a gunman's film poster", "The light is on, fire hydrant leaks"])
def test_words_inside_other_words_are_no_emergency(text: str) -> None:
    assert "emergency" not in Office().client.report(told(description=text))


def test_the_answer_speaks_the_language_of_the_words_or_else_the_one_accepted() -> None:
    client = Office().client
    assert client.report(told(language="es"), None, "en")["message"].startswith("Gracias")
    assert client.report(told(), None, "fr, es-MX;q=0.8, en;q=0.1")["message"].startswith("Gracias")
    assert client.report(told(), None, None)["message"].startswith("Thank you")


def test_a_repeated_request_gets_the_very_same_answer() -> None:
    office = Office()
    first = office.client.report(told(), "key-1")
    office.clock.move(hours=5)
    again = dict(reversed(told().items()))
    assert office.client.report(again, "key-1") == first
    assert office.store.counts().concerns == 1


def test_a_key_for_another_request_is_refused_by_name() -> None:
    office = Office()
    office.client.report(told(), "key-1")
    with pytest.raises(Problem) as problem:
        office.client.report(told(description="Something else"), "key-1")
    assert problem.value.status == 422
    assert problem.value.errors[0]["field"] == "Idempotency-Key"
    assert office.store.counts().concerns == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "clé", "a\tb"])
def test_a_malformed_key_is_refused_before_anything_happens(key: str) -> None:
    office = Office()
    with pytest.raises(Problem) as problem:
        office.client.report(told(), key)
    assert problem.value.status == 400
    assert office.transactions == 0


def test_what_is_wrong_takes_no_transaction() -> None:
    office = Office()
    with pytest.raises(Problem) as problem:
        office.client.report(told(category="dragons"))
    assert problem.value.status == 422
    assert office.transactions == 0


def test_with_the_receipt_the_history_is_shown_in_plain_words() -> None:
    office = Office()
    answer = office.client.report(told())
    followed(office, routed(2, answer["id"]), unroutable(1, answer["id"]))
    account = office.client.show(answer["id"], answer["receipt"], "en")
    assert account["status"] == "routed"
    assert [each["status"] for each in account["history"]] == ["received", "unroutable", "routed"]
    assert account["history"][1]["message"] == (
        "A person is choosing who should act on it. The place lies outside the areas we look after."
    )
    assert account["message"] == (
        "It is with South team. You will hear from them by Sunday, November 22, 2026, 2:22 PM,"
        " and what is done about it by Monday, November 23, 2026, 1:22 PM."
    )
    assert account["category"] == {"code": "noise", "name": "Noise"}
    assert account["team"] == "South team"


def test_the_history_is_told_in_spanish_with_the_teams_spanish_name() -> None:
    office = Office()
    answer = office.client.report(told())
    followed(office, routed(1, answer["id"]))
    account = office.client.show(answer["id"], answer["receipt"], "es-MX,es;q=0.9")
    assert account["language"] == "es"
    assert account["history"][0]["message"] == "Hemos recibido su aviso."
    assert "domingo, 22 de noviembre de 2026, 14:21" in account["message"]
    assert account["category"]["name"] == "Ruido"


def test_a_known_team_is_named_in_the_language_asked_for() -> None:
    office = Office()
    answer = office.client.report(told())
    followed(office, routed(1, answer["id"], team="c6"))
    assert office.client.show(answer["id"], answer["receipt"], "es")["team"] == "Equipo sur"


WORDS = {
    "acknowledged": ("The team has seen it.", "El equipo ya lo ha visto."),
    "updated": ("There is news from the team.", "Hay novedades del equipo."),
    "waiting": (
        "There is news from the team: it needs an answer from you.",
        "Hay novedades del equipo: necesita una respuesta suya.",
    ),
    "reassigned": ("Another team has it now: South team.", "Ahora lo tiene otro equipo: Equipo sur."),
    "referred": (
        "It was handed to a partner outside our teams.",
        "Se ha pasado a una entidad colaboradora fuera de nuestros equipos.",
    ),
    "resolved": ("The team says that it was dealt with.", "El equipo dice que se ha ocupado de ello."),
    "declined": ("The city will not act on it.", "La ciudad no va a actuar en este caso."),
    "reopened": ("It is open again.", "Está abierto de nuevo."),
    "closed": ("It is closed.", "Está cerrado."),
}


@pytest.mark.parametrize("status", WORDS)
def test_what_a_team_does_is_told_in_plain_words_in_both_languages(status: str) -> None:
    office = Office()
    answer = office.client.report(told())
    what, besides = ("updated", {"waiting": True}) if status == "waiting" else (status, {})
    followed(office, worked(what, 2, answer["id"], **besides), routed(1, answer["id"], team="c6"))
    english = office.client.show(answer["id"], answer["receipt"], "en")
    spanish = office.client.show(answer["id"], answer["receipt"], "es")
    assert (english["status"], english["message"], spanish["message"]) == (status, *WORDS[status])
    assert [each["status"] for each in spanish["history"]] == ["received", "routed", status]
    assert (english["team"], spanish["team"]) == ("South team", "Equipo sur")
    assert (english["respond_by"] is None) == (status in {"referred", "resolved", "declined", "reopened", "closed"})


def test_who_is_told_that_it_is_open_again_hears_by_when_there_will_be_a_word() -> None:
    office = Office()
    answer = office.client.report(told())
    due = {"acknowledge_by": NOW + timedelta(hours=2), "respond_by": NOW + timedelta(days=2)}
    followed(office, routed(1, answer["id"]), worked("resolved", 2, answer["id"]))
    followed(office, worked("reopened", 3, answer["id"], **due))
    account = office.client.show(answer["id"], answer["receipt"], "en")
    assert account["message"] == (
        "It is open again. You will hear by Sunday, November 22, 2026, 3:20 PM,"
        " and what is done about it by Tuesday, November 24, 2026, 1:20 PM."
    )
    assert {name: datetime.fromisoformat(account[name]) for name in due} == due
    spanish = office.client.show(answer["id"], answer["receipt"], "es")["message"]
    assert spanish.startswith(
        "Está abierto de nuevo. Tendrá noticias antes del domingo, 22 de noviembre de 2026, 15:20"
    )


def test_a_promise_of_one_time_only_is_told_as_such() -> None:
    office = Office()
    answer = office.client.report(told())
    later = {"acknowledge_by": NOW + timedelta(hours=2)}, {"respond_by": NOW + timedelta(days=2)}
    followed(office, *(worked("reopened", 2 + place, answer["id"], **due) for place, due in enumerate(later)))
    words = [each["message"] for each in office.client.show(answer["id"], answer["receipt"], "en")["history"]]
    assert words[1:] == [
        "It is open again. You will hear by Sunday, November 22, 2026, 3:20 PM.",
        "It is open again. You will hear what is done about it by Tuesday, November 24, 2026, 1:20 PM.",
    ]


def test_the_first_team_that_a_person_chose_is_not_called_another() -> None:
    office = Office()
    answer = office.client.report(told())
    first = worked("reassigned", 2, answer["id"], from_team=None)
    followed(office, first, unroutable(1, answer["id"]))
    account = office.client.show(answer["id"], answer["receipt"], "en")
    assert (account["status"], account["message"]) == ("routed", "It is with South team.")


@pytest.mark.parametrize("separator", [" ", "-", "\u00a0", "\u2011", "\u2013", "\u202f", ""])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_receipt_opens_its_concern_in_any_typing_and_header_encoding(separator: str, encoding: str) -> None:
    if encoding == "latin-1" and separator > "\xff":
        encoding = "utf-8"
    client = Office().client
    mine = client.report(told())
    header = mine["receipt"].replace(" ", separator).encode(encoding).decode("latin-1")  # as the server reads it
    assert client.show(mine["id"], header)["id"] == mine["id"]
    assert client.withdraw(mine["id"], header)["status"] == "withdrawn"


def test_without_the_right_receipt_there_is_no_such_concern() -> None:
    office = Office()
    mine, other = office.client.report(told()), office.client.report(told())
    tries = [
        (mine["id"], None),
        (mine["id"], ""),
        (mine["id"], "0000 0000 0000 0000"),
        (mine["id"], other["receipt"]),
        ("unknown", mine["receipt"]),
    ]
    answers = []
    for concern_id, receipt in tries:
        with pytest.raises(Problem) as problem:
            office.client.show(concern_id, receipt, None)
        answers.append(problem.value.as_dict())
    assert answers == [answers[0]] * len(tries)
    assert answers[0]["status"] == 404


def test_categories_are_named_in_the_language_asked_for() -> None:
    client = Office().client
    assert client.categories("es")["categories"][0] == {
        "code": "noise",
        "name": "Ruido",
        "group": "nuisance",
        "sensitive": False,
    }
    assert client.categories("es-MX, en;q=0.5")["language"] == "es"
    assert client.categories("en;q=0, *")["language"] == "es"
    assert client.categories("fr, *;q=0.1")["language"] == CITY.languages[0]
    assert client.categories(None)["language"] == CITY.languages[0]


def test_an_unknown_query_parameter_is_refused_by_name() -> None:
    with pytest.raises(Problem) as problem:
        Office().client.categories("en", "lang=es")
    assert (problem.value.status, problem.value.errors[0]["field"]) == (400, "lang")


def test_keys_whose_day_has_passed_are_forgotten() -> None:
    office = Office()
    office.client.report(told(), "key-1")
    office.clock.move(hours=25)
    office.client.report(told(), "key-2")
    assert office.client.routes.concerns.forget_keys() == 1
    assert office.client.routes.concerns.forget_keys() == 0


def test_the_counts_are_of_concerns_and_contacts() -> None:
    office = Office()
    office.client.report(told())
    office.client.report(told(contact={"email": "ana@example.org"}))
    assert office.client.routes.concerns.counts() == Counts(concerns=2, contacts=1)
    assert "ana@example.org" not in repr(vars(office.store))
