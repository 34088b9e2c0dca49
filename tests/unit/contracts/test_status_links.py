"""Links to the status page: many uses until they end, and no feedback link opens it."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from concord_contracts.errors import KeysMissing
from concord_contracts.feedback_links import FeedbackLink, FeedbackLinks
from concord_contracts.signed_links import ForgedLink
from concord_contracts.status_links import LIFETIME, EndedStatusLink, StatusLink, StatusLinks

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LINK = StatusLink("0192f0c1d2e37abc8def0123456789ab", "es", NOW + LIFETIME)
OLD, NEW = "o" * 32, "n" * 32


def test_it_is_read_again_and_again_until_it_ends() -> None:
    links = StatusLinks([OLD])
    token = links.write(LINK)
    assert timedelta(days=30) == LIFETIME
    for at in (NOW, NOW, NOW + LIFETIME - timedelta(seconds=1)):
        assert links.read(token, at) == LINK
    with pytest.raises(EndedStatusLink) as ended:
        links.read(token, NOW + LIFETIME)
    assert ended.value.link == LINK


@pytest.mark.parametrize("wrong", ["", "x", "a.b", "é" * 20, "x" * 5000, "W10.abc", "\0"])
def test_anything_else_is_no_link(wrong: str) -> None:
    with pytest.raises(ForgedLink):
        StatusLinks([OLD]).read(wrong, NOW)


def test_no_character_can_be_changed() -> None:
    links = StatusLinks([OLD])
    token = links.write(LINK)
    for at in range(len(token) - 1):  # the last of a base64 text may have bits that say nothing
        with pytest.raises(ForgedLink):
            links.read(token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :], NOW)


def test_neither_kind_of_link_opens_what_the_other_does() -> None:
    feedback = FeedbackLinks([OLD]).write(FeedbackLink(LINK.concern_id, 7, "es", LINK.until))
    with pytest.raises(ForgedLink):
        StatusLinks([OLD]).read(feedback, NOW)
    with pytest.raises(ForgedLink):
        FeedbackLinks([OLD]).read(StatusLinks([OLD]).write(LINK), NOW)


def test_keys_rotate_and_another_key_makes_no_link() -> None:
    before = StatusLinks([OLD]).write(LINK)
    after = StatusLinks([NEW, OLD])
    assert after.read(before, NOW) == LINK
    assert StatusLinks([NEW]).read(after.write(LINK), NOW) == LINK
    with pytest.raises(ForgedLink):
        StatusLinks([NEW]).read(before, NOW)


@pytest.mark.parametrize("content", [["c"], ["c", "es", "soon"], {"not": "ours"}, 7])
def test_content_of_another_form_is_no_link(content: object) -> None:
    with pytest.raises(ForgedLink):
        StatusLinks([OLD]).read(StatusLinks([OLD])._signer.sign(content), NOW)  # type: ignore[arg-type]


def test_it_can_stand_in_a_url_and_says_nothing_else() -> None:
    token = StatusLinks([OLD]).write(LINK)
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    content = token.partition(".")[0]
    plain = base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)).decode()
    assert plain == f'["{LINK.concern_id}","es",{int(LINK.until.timestamp())}]'


def test_its_key_comes_from_the_environment_of_the_feedback_links() -> None:
    env = {"CONCORD_LINK_KEY": OLD}
    assert StatusLinks.from_env(env).read(StatusLinks([OLD]).write(LINK), NOW) == LINK
    with pytest.raises(KeysMissing, match="CONCORD_LINK_KEY"):
        StatusLinks.from_env({})
