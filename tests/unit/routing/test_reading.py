"""Who may read a resident's words and contact: role, grant, team, area and category, against a table by hand."""

from dataclasses import replace

import pytest
from routing_concerns import AT, CITY, said

from concord_access import EVERY, Action, NotAllowed, Principal, Role
from concord_access.domain.permissions import actions_of, default_actions
from concord_city import Locator
from concord_routing.domain.case_opening import open_case
from concord_routing.domain.reading import (
    is_sensitive,
    may_read_contact,
    may_read_words,
    require_contact,
    require_words,
)

# w: words and place; c: contact. Usual: an ordinary category; sensitive: one that the city marked.
#  holder                usual               sensitive
#                        own   other  triage own   other  triage  elsewhere
BY_HAND = """
   officer               wc    .      .      wc    .      .       wc
   officer-here          wc    .      .      wc    .      .       .
   officer-everywhere    wc    wc     wc     .     .      .       wc
   officer-old-key       .     .      .      .     .      .       .
   supervisor            wc    .      w      wc    .      .       wc
   supervisor-no-words   c     .      .      c     .      .       c
   administrator         .     .      .      .     .      .       .
   administrator-named   wc    wc     wc     .     .      .       wc
   administrator-team    wc    .      .      wc    .      .       wc
   auditor               .     .      .      .     .      .       .
   auditor-words         w     w      w      .     .      .       w
"""
NAMED = frozenset({Action.CASE_READ, Action.TASK_READ, Action.TASK_DECIDE, Action.CASE_WORDS, Action.CONTACT_READ})
OLD = frozenset({Action.CASE_READ, Action.CASE_WORK, Action.CASE_REOPEN, Action.TASK_READ})
CASE = open_case(CITY, said(), Locator(CITY).locate_all([None])[0], "sealed", "CASE", AT)


def holder(role, teams=("own",), areas=(EVERY,), actions=None):
    given = default_actions(Role(role)) if actions is None else actions
    return Principal(f"user:{role}", Role(role), frozenset(teams), frozenset(areas), given)


HOLDERS = {
    "officer": holder("officer"),
    "officer-here": holder("officer", areas=("here",)),
    "officer-everywhere": holder("officer", (EVERY,)),
    "officer-old-key": holder("officer", actions=OLD),
    "supervisor": holder("supervisor"),
    "supervisor-no-words": holder("supervisor", actions=actions_of(Role.SUPERVISOR) - {Action.CASE_WORDS}),
    "administrator": holder("administrator", (EVERY,)),
    "administrator-named": holder("administrator", (EVERY,), actions=NAMED),
    "administrator-team": holder("administrator", actions=NAMED),
    "auditor": holder("auditor", (EVERY,)),
    "auditor-words": holder("auditor", (EVERY,), actions=frozenset({Action.CASE_READ, Action.CASE_WORDS})),
}


def in_place(team, area, state="routed"):
    return replace(CASE, team=team, area=area, state=state)


COLUMNS = (
    (in_place("own", "here"), False),
    (in_place("other", "here"), False),
    (in_place(None, "here", "triage"), False),
    (in_place("own", "here"), True),
    (in_place("other", "here"), True),
    (in_place(None, "here", "triage"), True),
    (in_place("own", "there"), False),
)


def cells():
    for line in BY_HAND.strip().splitlines():
        name, *rights = line.split()
        for (case, sensitive), right in zip(COLUMNS, rights, strict=True):
            yield name, case, sensitive, right.strip(".")


@pytest.mark.parametrize(("name", "case", "sensitive", "right"), list(cells()))
def test_the_table(name, case, sensitive, right):
    who = HOLDERS[name]
    assert may_read_words(who, case, sensitive=sensitive) is ("w" in right)
    assert may_read_contact(who, case, sensitive=sensitive) is ("c" in right)
    for letter, rule in (("w", require_words), ("c", require_contact)):
        if letter in right:
            rule(who, case, sensitive=sensitive)
        else:
            with pytest.raises(NotAllowed):
                rule(who, case, sensitive=sensitive)


def test_what_is_missing_is_named():
    with pytest.raises(NotAllowed) as refused:
        require_words(HOLDERS["officer-old-key"], COLUMNS[0][0], sensitive=False)
    assert refused.value.missing == ("action",)
    with pytest.raises(NotAllowed) as refused:
        require_contact(HOLDERS["administrator-named"], COLUMNS[0][0], sensitive=True)
    assert refused.value.missing == ("team",)


def test_a_category_that_is_gone_counts_as_sensitive():
    assert not is_sensitive(CASE, CITY.categories)
    assert is_sensitive(CASE, {"noise": replace(CITY.categories["noise"], sensitive=True)})
    assert is_sensitive(CASE, {})
