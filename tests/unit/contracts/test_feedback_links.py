"""Signed links: only ours are read, only in their time, and they tell of nobody."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from concord_contracts.errors import KeysMissing
from concord_contracts.feedback_links import LIFETIME, EndedLink, FeedbackLink, FeedbackLinks, ForgedLink

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LINK = FeedbackLink("0192f0c1d2e37abc8def0123456789ab", 7, "es", NOW + LIFETIME)
OLD, NEW = "o" * 32, "n" * 32


def test_what_was_written_is_read_until_it_ends() -> None:
    links = FeedbackLinks([OLD])
    token = links.write(LINK)
    assert links.read(token, NOW) == LINK
    assert links.read(token, NOW + LIFETIME - timedelta(seconds=1)) == LINK
    with pytest.raises(EndedLink) as ended:
        links.read(token, NOW + LIFETIME)
    assert ended.value.link == LINK


def test_it_can_stand_in_a_url() -> None:
    token = FeedbackLinks([OLD]).write(LINK)
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    assert len(token) < 150


@pytest.mark.parametrize("wrong", ["", "x", "a.b", "é" * 20, "x" * 5000, "W10.abc", "\0"])
def test_anything_else_is_no_link(wrong: str) -> None:
    with pytest.raises(ForgedLink):
        FeedbackLinks([OLD]).read(wrong, NOW)


def test_no_character_can_be_changed() -> None:
    links = FeedbackLinks([OLD])
    token = links.write(LINK)
    for at in range(len(token) - 1):  # the last of a base64 text may have bits that say nothing
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        with pytest.raises(ForgedLink):
            links.read(changed, NOW)


def test_another_key_or_content_signed_for_something_else_is_no_link() -> None:
    with pytest.raises(ForgedLink):
        FeedbackLinks([NEW]).read(FeedbackLinks([OLD]).write(LINK), NOW)
    signed = FeedbackLinks([OLD])._signer.sign(["not ours"])
    with pytest.raises(ForgedLink):
        FeedbackLinks([OLD]).read(str(signed), NOW)


def test_keys_rotate() -> None:
    before = FeedbackLinks([OLD]).write(LINK)
    after = FeedbackLinks([NEW, OLD])
    assert after.read(before, NOW) == LINK
    assert FeedbackLinks([NEW]).read(after.write(LINK), NOW) == LINK


def test_it_says_which_and_until_when_and_nothing_else() -> None:
    content = FeedbackLinks([OLD]).write(LINK).partition(".")[0]
    plain = base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)).decode()
    assert plain == f'["{LINK.concern_id}",7,"es",{int(LINK.until.timestamp())}]'


def test_keys_come_from_the_environment(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "link"
    file.write_text(f"{NEW}\n{OLD}\n")
    token = FeedbackLinks.from_env({"CONCORD_LINK_KEY": OLD}).write(LINK)
    assert FeedbackLinks.from_env({"CONCORD_LINK_KEY_FILE": str(file)}).read(token, NOW) == LINK
    for env in ({}, {"CONCORD_LINK_KEY": "short"}, {"CONCORD_LINK_KEY_FILE": str(tmp_path / "none")}):
        with pytest.raises(KeysMissing, match="CONCORD_LINK_KEY"):
            FeedbackLinks.from_env(env)
