"""The pages of the desk without a browser: what an officer sees, and what their forms do."""

from dataclasses import replace

import pytest
from desk_browser import CITY, URL, Desk
from routing_concerns import WORDS, submitted

from concord_routing.domain.desk_session import IDLE

CASE = "/desk/cases/W"
WEST = "west"


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def officer(desk):
    return desk.browser(WEST)


def sensitive():
    categories = {code: replace(each, sensitive=True) for code, each in CITY.categories.items()}
    return Desk(categories=categories)


def send(browser, form, page=None, **fields):
    page = page or browser.get(f"{CASE}?do={form}")
    return browser.post(f"{CASE}/do/{form}", page.form(f"/do/{form}") | fields)


def state(desk, case="W"):
    with desk.read() as store:
        found = store.case(case)
    return found.state, found.version


def test_the_list_names_what_is_due_and_counts_each_list(officer):
    page = officer.get("/desk")
    assert page.status == 200
    assert "noise · West" in page.text or "noise West" in page.text
    assert "Due first 1" in page.text
    assert "Answers waiting 0" in page.text
    assert WORDS not in page.html
    assert "/desk/cases/W" in page.links


def test_pages_are_kept_nowhere_and_load_nothing_from_elsewhere(officer):
    page = officer.get(CASE)
    assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "https://" not in page.html
    assert page.headers["Referrer-Policy"] == "same-origin"


def test_an_empty_list_says_so(officer):
    assert "No answer waits for you." in officer.get("/desk?list=answers").text
    assert "No case fits the filter." in officer.get("/desk?list=due&area=east").text


def test_filters_stay_in_the_address(officer):
    page = officer.get("/desk?list=due&area=west&category=noise")
    assert "/desk/cases/W" in page.links
    assert any("list=answers" in link and "area=west" in link for link in page.links)


def test_a_search_finds_words_and_numbers_and_puts_them_into_no_address(officer):
    fields = officer.get("/desk").form("/desk/search")
    found = officer.post("/desk/search", fields | {"text": "tyres"})
    assert (found.status, "/desk/cases/W" in found.links) == (200, True)
    assert "No case has this number" in officer.post("/desk/search", fields | {"text": "unicorns"}).text
    short = officer.post("/desk/search", fields | {"text": "x"})
    assert (short.status, "three letters" in short.text) == (422, True)
    assert not any("tyres" in link for link in found.links)


def test_a_case_is_taken_and_is_then_mine(desk, officer):
    page = officer.get(f"{CASE}?do=assign")
    assert page.form("/do/assign")["officer"] == "user:7f3a"
    assert send(officer, "assign", page, note="I know the place").status == 303
    assert "/desk/cases/W" in officer.get("/desk?list=mine").links
    assert "/desk/cases/W" not in desk.browser("west", subject="user:other").get("/desk?list=mine").links
    assert "I know the place" in officer.get(CASE).text
    assert send(officer, "assign", officer="").status == 303
    assert "Nothing is yours" in officer.get("/desk?list=mine").text


def test_a_long_list_has_a_next_page():
    desk = Desk()
    with desk.work() as work:
        case = work.store.case("W")
        work.store.add_cases([replace(case, case_id=f"N{n:02}", concern_id=f"n{n}") for n in range(30)])
    browser = desk.browser(WEST)
    first = browser.get("/desk")
    following = next(link for link in first.links if "after=" in link)
    second = browser.get(following)
    shown = [[link for link in page.links if "/cases/" in link] for page in (first, second)]
    assert [len(links) for links in shown] == [25, 6]
    assert not set(shown[0]) & set(shown[1])


@pytest.mark.parametrize("address", ["/desk?list=all", "/desk?after=x"])
def test_a_wrong_address_is_explained(officer, address):
    page = officer.get(address)
    assert (page.status, "does not understand" in page.text) == (400, True)


def test_a_case_shows_the_words_and_the_audit_has_the_look(desk, officer):
    page = officer.get(CASE)
    assert WORDS in page.text
    assert "First answer" in page.text
    assert "hour" in page.text
    assert "left" in page.text
    assert ("user:7f3a", "case.read", "{}") in desk.audited


def test_texts_of_residents_are_escaped(desk, officer):
    desk.bus.deliver(submitted("x", description="<script>alert(1)</script>"))
    html = officer.get("/desk/cases/P").html
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_sensitive_words_wait_for_a_tap():
    desk = sensitive()
    browser = desk.browser(WEST)
    page = browser.get(CASE)
    assert WORDS not in page.html
    assert [action for _, action, _ in desk.audited] == ["desk.signed_in"]
    shown = browser.post(f"{CASE}/words", page.form("/words"))
    assert WORDS in shown.text
    assert [action for _, action, _ in desk.audited] == ["desk.signed_in", "case.read"]


def test_the_contact_waits_for_a_tap(desk, officer):
    page = officer.get(CASE)
    shown = officer.post(f"{CASE}/contact", page.form("/contact"))
    assert "The resident gave no contact." in shown.text
    assert WORDS in shown.text


def test_an_administrator_reads_no_words(desk):
    page = desk.browser("it").get(CASE)
    assert WORDS not in page.html
    assert "do not allow you to read the words" in page.text
    assert not [action for action, _ in page.forms if action.endswith(("/words", "/contact"))]


def test_a_command_acts_once_and_leads_back_to_the_case(desk, officer):
    page = officer.get(CASE)
    done = send(officer, "acknowledge", page)
    assert (done.status, done.place) == (303, f"{CASE}?done=acknowledge")
    assert state(desk) == ("acknowledged", 2)
    again = send(officer, "acknowledge", page)
    assert (again.status, state(desk)) == (303, ("acknowledged", 2))
    assert "Acknowledged. The resident hears of it." in officer.get(done.place).text
    assert [action for _, action, _ in desk.audited if action.startswith("case.ack")] == ["case.acknowledged"]


@pytest.mark.parametrize(
    ("form", "fields", "after"),
    [
        ("ask", {"message": "Which lamp?"}, "waiting_for_resident"),
        ("update", {"message": "We come tomorrow.", "keeps_promise": "yes"}, "in_progress"),
        ("promise", {"message": "A patrol", "due_at": "2026-11-25T09:00"}, "in_progress"),
        ("renegotiate", {"promise": "W-2", "due_at": "2026-11-27T09:00", "reason": "Snow"}, "routed"),
        ("refer", {"to": "Harbour office", "reason": "Their ground"}, "referred"),
        ("resolve", {"reason": "Swept"}, "resolved"),
        ("decline", {"reason": "Private ground", "where_to_go": "The landlord"}, "declined"),
    ],
)
def test_each_form_does_its_command(desk, officer, form, fields, after):
    assert send(officer, form, **fields).status == 303
    assert state(desk) == (after, 2)


def test_times_are_those_of_the_city(desk, officer):
    send(officer, "promise", message="A patrol", due_at="2026-11-25T09:00")
    with desk.read() as store:
        assert store.promises("W")[-1].due_at.isoformat() == "2026-11-25T14:00:00+00:00"


@pytest.mark.parametrize(
    ("form", "fields", "remedy"),
    [
        ("update", {"message": "  "}, "Please fill this in."),
        ("update", {"message": "x" * 2003}, "Please shorten it by 3 characters."),
        ("promise", {"message": "kept", "due_at": "soon"}, "Please give a day and a time."),
        ("promise", {"message": "kept", "due_at": "2020-01-01T09:00"}, "Please choose a time in the future"),
        (
            "renegotiate",
            {"promise": "W-9", "due_at": "2026-11-27T09:00", "reason": "kept"},
            "Please choose one of these.",
        ),
    ],
)
def test_what_is_wrong_is_named_and_what_was_typed_stays(desk, officer, form, fields, remedy):
    page = send(officer, form, **fields)
    assert page.status == 422
    assert remedy in page.text
    assert "<title>Error: " in page.html
    assert state(desk) == ("routed", 1)
    if "kept" in fields.values():
        assert "kept" in page.html


def test_every_wrong_field_is_named_at_once(officer):
    page = send(officer, "promise", message="", due_at="")
    assert page.text.count("Please fill this in.") == 2
    assert page.text.count("Please give a day and a time.") == 2


def test_a_conflict_shows_both_and_keeps_the_text(desk, officer):
    late = officer.get(f"{CASE}?do=update")
    send(desk.browser(WEST, subject="user:other"), "update", message="Their words")
    page = send(officer, "update", late, message="My words")
    assert page.status == 409
    assert "Somebody else changed the case meanwhile." in page.text
    assert "Their words" in page.text
    assert "since you looked" in page.text
    assert "My words" in page.text
    sent = officer.post(f"{CASE}/do/update", page.form("/do/update") | {"message": "My words"})
    assert (sent.status, state(desk)[1]) == (303, 3)


def test_a_state_that_no_longer_allows_it_hands_the_words_back(desk, officer):
    late = officer.get(f"{CASE}?do=decline")
    send(desk.browser(WEST, subject="user:other"), "resolve", reason="Swept")
    page = send(officer, "decline", late, reason="My words", where_to_go="There", version="2")
    assert page.status == 409
    assert "What you wrote My words There" in page.text
    assert state(desk) == ("resolved", 2)


def test_a_key_used_for_something_else_acts_not(desk, officer):
    page = officer.get(f"{CASE}?do=update")
    send(officer, "update", page, message="One")
    assert send(officer, "update", page, message="Two").status == 409
    assert state(desk)[1] == 2


def test_a_form_needs_the_session_of_its_page(desk, officer):
    fields = officer.get(CASE).form("/do/acknowledge")
    other = desk.browser(WEST, subject="user:other")
    for wrong in (fields | {"csrf": "x"}, {"version": "1"}, other.get(CASE).form("/do/acknowledge")):
        assert officer.post(f"{CASE}/do/acknowledge", wrong).status == 403
    for header in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example.org"},
    ):
        page = officer.post(f"{CASE}/do/acknowledge", fields, **header)
        assert (page.status, "came from somewhere else" in page.text) == (403, True)
    assert state(desk) == ("routed", 1)


def test_a_session_that_ended_hands_the_words_back(desk, officer):
    page = officer.get(f"{CASE}?do=update")
    desk.now += IDLE
    ended = send(officer, "update", page, message="Long words")
    assert (ended.status, "What you wrote Long words" in ended.text) == (403, True)
    assert page.form("/do/update")["csrf"] not in ended.html
    assert officer.get("/desk/cases/W").place == "/desk/sign-in?next=/desk/cases/W"


def test_the_desk_speaks_spanish(officer):
    officer.headers["accept-language"] = "es"
    page = officer.get(CASE)
    assert '<html lang="es"' in page.html
    assert "What you can do" not in page.text
    assert "Acknowledge" not in page.text


def test_sign_in_with_a_key_and_sign_out(desk):
    browser = desk.browser()
    assert browser.get("/desk").place == "/desk/sign-in?next=/desk"
    page = browser.get("/desk/sign-in?next=/desk/cases/0123456789")
    assert "Sign in with your city account" not in page.text
    wrong = browser.post("/desk/sign-in", page.form("/desk/sign-in") | {"api_key": "ck_wrong"})
    assert (wrong.status, "ck_wrong" in wrong.html) == (422, False)
    done = browser.post("/desk/sign-in", page.form("/desk/sign-in") | {"api_key": f" {desk.key()} "})
    assert (done.status, done.place) == (303, "/desk/cases/0123456789")
    cookie = done.response.cookies[0]
    for part in ("__Host-desk=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"):
        assert part in cookie
    home = browser.get("/desk")
    assert "Signed in as key:night-desk." in home.text
    out = browser.post("/desk/sign-out", home.form("/desk/sign-out"))
    assert (out.status, browser.cookies) == (303, {})
    assert "You are signed out" in browser.get(out.place).text


def test_another_site_cannot_sign_a_browser_in(desk):
    page = desk.browser().post("/desk/sign-in", {"api_key": desk.key()}, origin="https://evil.example.org")
    assert page.status == 403
    assert page.response.cookies == []


@pytest.mark.parametrize("place", ["https://evil.example.org", "//evil.example.org", "/desk/../x", "/v1/cases"])
def test_the_sign_in_leads_to_the_desk_alone(desk, place):
    browser = desk.browser()
    page = browser.get(f"/desk/sign-in?next={place}")
    assert page.form("/desk/sign-in")["next"] == "/desk"
    assert browser.post("/desk/sign-in", {"api_key": desk.key(), "next": place}).place == "/desk"


def test_the_origin_of_the_desk_counts(officer):
    fields = officer.get(CASE).form("/do/acknowledge")
    assert officer.post(f"{CASE}/do/acknowledge", fields, origin=URL).status == 303
