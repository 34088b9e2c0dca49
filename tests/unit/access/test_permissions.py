"""Who may do what: every role, every action, own and other team, against a table written out by hand."""

from pathlib import Path

import pytest

from concord_access import EVERY, Action, NotAllowed, Principal, Role, Scope, allowed, require, require_scope, scope_of

EVERYTHING = frozenset(Action)

# own: a case of a team it belongs to; other: of another team; none: a thing that has no team (yet).
#  action             officer            supervisor         administrator      auditor
#                     own other none     own other none     own other none     own other none
BY_HAND = """
   case:read           yes  no   no       yes  no   no       yes  yes  yes      yes  yes  yes
   case:words          yes  no   no       yes  no   no       yes  yes  yes      yes  yes  yes
   contact:read        yes  no   no       yes  no   no       yes  yes  yes      yes  yes  yes
   case:work           yes  no   no       yes  no   no       yes  yes  yes      no   no   no
   case:reassign       no   no   no       yes  no   no       yes  yes  yes      no   no   no
   case:reopen         yes  no   no       yes  no   no       yes  yes  yes      no   no   no
   task:read           yes  no   no       yes  yes  yes      yes  yes  yes      yes  yes  yes
   task:decide         no   no   no       yes  yes  yes      yes  yes  yes      no   no   no
   parked:read         no   no   no       no   no   no       yes  yes  yes      yes  yes  yes
   parked:act          no   no   no       no   no   no       yes  yes  yes      no   no   no
   key:manage          no   no   no       no   no   no       yes  yes  yes      no   no   no
   audit:read          no   no   no       no   no   no       yes  yes  yes      yes  yes  yes
   webhook:manage      no   no   no       no   no   no       yes  yes  yes      no   no   no
   history:import      no   no   no       no   no   no       yes  yes  yes      no   no   no
   ops:read            no   no   no       yes  yes  yes      yes  yes  yes      yes  yes  yes
"""
GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "access.md"
ROLES = ("officer", "supervisor", "administrator", "auditor")
TEAMS = {"own": "north", "other": "south", "none": None}


def every_pair():
    for line in BY_HAND.strip().splitlines():
        action, *answers = line.split()
        for number, answer in enumerate(answers):
            yield ROLES[number // 3], action, tuple(TEAMS)[number % 3], answer == "yes"


def somebody(role, teams=None, areas=(EVERY,), actions=EVERYTHING):
    usual = {EVERY} if role in ("administrator", "auditor") else {"north"}
    return Principal(f"user:{role}", Role(role), frozenset(teams or usual), frozenset(areas), frozenset(actions))


def test_the_table_by_hand_is_whole():
    pairs = {(role, action) for role, action, *_ in every_pair()}
    assert pairs == {(str(role), str(action)) for role in Role for action in Action}
    assert len(list(every_pair())) == len(Role) * len(Action) * 3


@pytest.mark.parametrize(("role", "action", "whose", "may"), list(every_pair()))
def test_role_action_team(role, action, whose, may):
    who = somebody(role)
    assert allowed(who, Action(action), TEAMS[whose], "B2") is may
    if may:
        require(who, Action(action), TEAMS[whose], "B2")
        assert scope_of(who, Action(action)).covers(TEAMS[whose], "B2")
    else:
        with pytest.raises(NotAllowed):
            require(who, Action(action), TEAMS[whose], "B2")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", Action)
def test_nothing_is_allowed_beyond_the_areas_and_actions_granted(role, action):
    assert not allowed(somebody(role, areas={"B2"}), action, "north", "C6")
    assert not allowed(somebody(role, areas={"B2"}), action, "north", None)
    assert not allowed(somebody(role, areas=()), action, "north", "B2")
    assert not allowed(somebody(role, actions=EVERYTHING - {action}), action, "north", "B2")


@pytest.mark.parametrize("role", ["administrator", "auditor"])
@pytest.mark.parametrize("action", Action)
def test_a_role_of_the_whole_city_can_be_granted_less(role, action):
    narrowed = somebody(role, teams={"north"})
    assert allowed(narrowed, action, "north", "B2") is allowed(somebody(role), action, "north", "B2")
    assert not allowed(narrowed, action, "south", "B2")
    assert not allowed(narrowed, action, None, None)


def test_what_is_missing_is_named_and_the_case_is_not():
    cases = (
        (somebody("officer"), Action.CASE_REASSIGN, "north", "B2", ("role",)),
        (somebody("officer", actions={"case:read"}), Action.CASE_WORK, "north", "B2", ("action",)),
        (somebody("officer"), Action.CASE_WORK, "south", "B2", ("team",)),
        (somebody("officer", areas={"C6"}), Action.CASE_WORK, "north", "B2", ("area",)),
        (somebody("officer", areas={"C6"}), Action.CASE_WORK, "south", "B2", ("team", "area")),
    )
    for who, action, team, area, missing in cases:
        with pytest.raises(NotAllowed) as refused:
            require(who, action, team, area)
        assert refused.value.missing == missing
        assert refused.value.action in str(refused.value)
        assert "south" not in str(refused.value)
        assert "B2" not in str(refused.value)


def test_the_filter_of_a_list():
    assert require_scope(somebody("officer", areas={"B2"}), Action.CASE_READ) == Scope(
        frozenset({"north"}), frozenset({"B2"})
    )
    assert require_scope(somebody("auditor"), Action.CASE_READ) == Scope(None, None)
    assert require_scope(somebody("supervisor"), Action.TASK_READ) == Scope(None, None)
    with pytest.raises(NotAllowed, match="parked:read needs a role with this action"):
        require_scope(somebody("officer"), Action.PARKED_READ)
    nobodys = Principal("user:new", Role.OFFICER, frozenset(), frozenset({EVERY}), EVERYTHING)
    with pytest.raises(NotAllowed, match="team") as refused:
        require_scope(nobodys, Action.CASE_READ)
    assert refused.value.missing == ("team",)


def test_the_guide_shows_this_table():
    by_hand = {(role, action, whose): may for role, action, whose, may in every_pair()}
    rows = [line.strip("| ").split("|") for line in GUIDE.read_text("utf-8").splitlines() if line.startswith("| `")]
    shown = {}
    for first, *cells in rows:
        action = first.split("`")[1]
        if action in list(Action):
            cells += [""] * (len(ROLES) - len(cells))
            shown |= {(role, action): cell.strip() for role, cell in zip(ROLES, cells, strict=True)}
    words = {(False, False): "", (True, False): "own team", (True, True): "all"}
    assert shown == {
        (role, action): words[by_hand[role, action, "own"], by_hand[role, action, "other"]]
        for role in ROLES
        for action in map(str, Action)
    }


def test_a_list_of_no_area_is_refused_like_one_of_no_team():
    nowhere = Principal("user:1", Role.AUDITOR, frozenset({EVERY}), frozenset(), EVERYTHING)
    with pytest.raises(NotAllowed) as refused:
        require_scope(nowhere, Action.CASE_READ)
    assert [str(lack) for lack in refused.value.missing] == ["area"]
