# ruff: noqa: RUF001 (quotation marks of many kinds)
"""Text that reads like an emergency is told from text that does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_city import reads_like_emergency

from .twoside import city

CITY = city(
    emergency_words={
        "en": ("gun", "shots fired", "on fire", "can't breathe", "break-in"),
        "es": ("apuñalado", "fuga de gas", "me están robando"),
        "zh": ("着火",),
        "own": ("l\u2019incendie", "***"),
    }
)


@pytest.mark.parametrize(
    "text",
    [
        *("He has a GUN!", "shots\n  fired outside", "(gun)", "gun", "two guns... one gun's loaded"),
        *("un hombre APUNALADO", "hombre apuñalado.", "APUN\u0303ALADO", "¡Me estan robando!", "¿fuga de gas?"),
        *(
            '"gun"',
            "'gun'",
            "“gun”",
            "‘gun’",
            "„gun“",
            "«gun»",
            "‹gun›",
            "「gun」",
            "`gun`",
            "said'gun'",
            "&quot;gun&quot;",
        ),
        *(
            "*gun*",
            "**gun**",
            "_gun_",
            "~~gun~~",
            "<b>gun</b>",
            "a<br>gun<br/>here",
            "[gun](x)",
            "#gun",
            "@gun",
            "—gun—",
        ),
        *("shots\u00a0fired", "shots\u202ffired", "shots-fired", "shots\u2011fired", "shots\u2013fired", "shots_fired"),
        *(
            "*shots* *fired*",
            "shots <b>fired</b>",
            "“shots” ‘fired’",
            "shots&nbsp;fired",
            "shots\r\nfired",
            "_shots fired_",
        ),
        *("shots\u200b fired", "g\u00adun", "\u202egun\u202c", "\uff47\uff55\uff4e", "\ufeffgun"),
        *("I can't breathe", "can’t breathe", "can‘t breathe", "can`t breathe", "can´t breathe", "can′t breathe"),
        *("can&#39;t breathe", "can&rsquo;t breathe", "cant breathe", "can t breathe", "CAN’T  BREATHE"),
        *("a break-in", "a break\u2011in", "a break in", "FUGA-DE-GAS", "fuga\u00a0de gas", "l'incendie", "L’Incendie"),
        *("房子着火了", "着火", "“着火”"),
    ],
)
def test_emergency(text: str) -> None:
    assert reads_like_emergency(CITY, text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "The engine has begun to rattle", "shots of espresso fired up", "gunwale", "gun2", "2gun", "begun_"),
        *(
            "The light is on, fire hydrant leaks",
            "The light is on. Fire hydrant leaks",
            "on—fire hydrant",
            "on -- fire",
        ),
        *("the lamp is on\n- fire hydrant leaks", "the lamp is on\n* fire hydrant leaks", "<a title='gun'>lamp</a>"),
        *("I can breathe", "canst breathe", "breakin", "着 火", "***", "* * *", "!?"),
    ],
)
def test_no_emergency(text: str) -> None:
    assert not reads_like_emergency(CITY, text)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_word_between_spaces_is_found_in_any_text(before: str, after: str) -> None:
    safe = before.replace("<", "").replace("&", ""), after.replace("<", "").replace("&", "")
    assert reads_like_emergency(CITY, f"{safe[0]} gun {safe[1]}")


@pytest.mark.parametrize("words", [{}, {"en": ("***", "--")}])
def test_a_city_without_words_sees_none(words: dict[str, tuple[str, ...]]) -> None:
    assert not reads_like_emergency(city(emergency_words=words), "gun *** --")
