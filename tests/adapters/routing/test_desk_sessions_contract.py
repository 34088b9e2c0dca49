"""What every store of routing promises about the sessions of the desk."""

from dataclasses import replace
from datetime import timedelta

from routing_concerns import AT

from concord_routing.domain.desk_session import IDLE, LIFE, new_session

MINUTE = timedelta(minutes=1)


def session(subject="user:7f3a", at=AT, **values):
    return replace(new_session(subject, at, ["b", "a"])[1], **values)


def test_a_session_comes_back_as_it_was(begin):
    first, by_key = session(), session(key_prefix="abcd1234")
    with begin() as store:
        store.sessions.add(first)
        store.sessions.add(by_key)
    with begin() as store:
        assert store.sessions.find(first.digest) == first
        assert store.sessions.find(by_key.digest) == by_key
        assert store.sessions.find("unknown") is None


def test_the_time_of_the_last_page_never_goes_back(begin):
    mine = session()
    with begin() as store:
        store.sessions.add(mine)
        store.sessions.seen(mine.digest, AT + 2 * MINUTE)
        store.sessions.seen(mine.digest, AT + MINUTE)
        assert store.sessions.find(mine.digest).seen_at == AT + 2 * MINUTE


def test_one_session_or_all_of_a_person_end(begin):
    one, two, three, other = session(), session(), session(), session("user:other")
    with begin() as store:
        for each in (one, two, three, other):
            store.sessions.add(each)
        store.sessions.end(one.digest)
        assert store.sessions.find(one.digest) is None
        assert store.sessions.find(two.digest) == two
        store.sessions.end_all("user:7f3a")
        assert store.sessions.find(two.digest) is store.sessions.find(three.digest) is None
        assert store.sessions.find(other.digest) == other


def test_what_has_ended_is_swept(begin):
    idle = session()
    old = session(seen_at=AT + LIFE)
    live = session(at=AT + MINUTE)
    with begin() as store:
        for each in (idle, old, live):
            store.sessions.add(each)
        assert store.sessions.sweep(AT + IDLE, 10) == 1
        assert store.sessions.find(live.digest) == live
        assert store.sessions.sweep(AT + LIFE, 1) == 1
        assert store.sessions.sweep(AT + LIFE, 10) == 1
