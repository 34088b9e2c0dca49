"""Every role, every action, own and other team and area, over HTTP: the table below was written by hand."""

import json
from itertools import product

from access_stage import HERE, OTHER, OWN, THERE, THIRD, Holder, Stage, bearer
from officer import Officer

TABLE = """
holder              own/here  own/there  other/here  other/there  none/here  none/nowhere  ledger  tasks  audit
officer             rwo       rwo        .           .            .          .             .       yes    .
officer-here        rwo       .          .           .            .          .             .       yes    .
supervisor          rwoa      rwoa       .           .            rd         rd            yes     yes    .
supervisor-here     rwoa      .          .           .            rd         .             .       yes    .
administrator       rwoa      rwoa       rwoa        rwoa         rd         rd            yes     yes    yes
administrator-team  rwoa      rwoa       .           .            .          .             .       yes    .
administrator-here  rwoa      .          rwoa        .            rd         .             .       yes    .
auditor             r         r          r           r            r          r             yes     yes    yes
auditor-team        r         r          .           .            .          .             .       yes    .
auditor-here        r         .          r           .            r          .             .       yes    .
reader              r         r          r           r            r          r             .       .      .
"""
"""Whose cases, team/area, may be: r read, w worked, o reopened, a given to another team, d decided (`none`: what no
rule could decide); whether the ledger and the audit may be seen, and the list of tasks asked for."""

UNKNOWN = "ZZZZZZZZ"
HOLDERS = {
    "officer": Holder("officer", (OWN,)),
    "officer-here": Holder("officer", (OWN,), (HERE,)),
    "supervisor": Holder("supervisor", (OWN,)),
    "supervisor-here": Holder("supervisor", (OWN,), (HERE,)),
    "administrator": Holder("administrator"),
    "administrator-team": Holder("administrator", (OWN,)),
    "administrator-here": Holder("administrator", (), (HERE,)),
    "auditor": Holder("auditor"),
    "auditor-team": Holder("auditor", (OWN,)),
    "auditor-here": Holder("auditor", (), (HERE,)),
    "reader": Holder("administrator", (), (), ("case:read",)),
}
WITH_TOKEN = ("officer-here", "supervisor", "administrator-here", "auditor", "auditor-team")
"""Who come with a token; the others have a key."""
COMMANDS = {
    "acknowledge": ("w", {}),
    "update": ("w", {"message": "soon"}),
    "refer": ("w", {"reason": "theirs", "to": "The county"}),
    "resolve": ("w", {"reason": "done"}),
    "decline": ("w", {"reason": "no", "where_to_go": "the county"}),
    "close": ("w", {}),
    "reopen": ("o", {}),
    "reassign": ("a", {"team": THIRD}),
    "assign": ("w", {"officer": "user:7f3a"}),
}
FIRST_RESOLVED = ("close", "reopen")
DECIDING = ("decline", "reassign")
PLACES = {"own": OWN, "other": OTHER, "none": None, "here": HERE, "there": THERE, "nowhere": None}
COUNTS = {"own/here": 70, "own/there": 40, "other/here": 25, "other/there": 15, "none/here": 15, "none/nowhere": 12}


def rows():
    head, *lines = (line.split() for line in TABLE.strip().splitlines())
    return {line[0]: dict(zip(head[1:], line[1:], strict=True)) for line in lines}


ROWS = rows()


def place(cell):
    team, area = cell.split("/")
    return PLACES[team], PLACES[area]


class City:
    """The cases of each cell: the first stays as it is, the others are worked."""

    def __init__(self, stage):
        self.cells = stage.open_cases({place(cell): count for cell, count in COUNTS.items()})
        self.operator = Officer(stage.routing)
        self.entries = 0

    def standing(self, cell):
        return self.cells[place(cell)][0]

    def fresh(self, cell, command):
        """A case on which the command is possible, and its ETag."""
        case_id, etag = self.cells[place(cell)].pop(), '"1"'
        if command in FIRST_RESOLVED:
            etag = self.operator.order(case_id, "resolve", {"reason": "done"}, etag).headers["ETag"]
            self.entries += 1
        return case_id, etag


def credentials(stage):
    given = {each: bearer(each, HOLDERS[each]) for each in WITH_TOKEN}
    given |= {each: stage.key(each, holder) for each, holder in HOLDERS.items() if each not in given}
    return given


def test_every_role_action_team_and_area(vhost, tmp_path, sqlite_url):
    stage = Stage(vhost, tmp_path, sqlite_url)
    with stage.routing as routing:
        city, known = City(stage), credentials(stage)
        for holder, secret in known.items():
            listed(routing, city, ROWS[holder], secret)
        for holder, cell in product(ROWS, COUNTS):
            looked(Officer(routing, known[holder]), city, cell, ROWS[holder][cell])
            commanded(Officer(routing, known[holder]), city, cell, ROWS[holder][cell], subject(holder))
        for cell in COUNTS:
            assert city.operator.look(city.standing(cell)).body["version"] == 1
        log = routing.log.read_text()

    verified = stage.concord("audit", "verify")
    keys = len(HOLDERS) - len(WITH_TOKEN)
    assert verified.stdout.startswith(f"database: {city.entries + keys} entries, whole."), verified.output
    assert not any(secret in log for secret in known.values())


def subject(holder):
    return f"user:{holder}" if holder in WITH_TOKEN else f"key:{holder}"


def looked(officer, city, cell, may):
    found = officer.look(city.standing(cell))
    if "r" in may:
        assert found.status == 200, (cell, may, found.body)
    else:
        like_unknown(found, officer.look(UNKNOWN))


def commanded(officer, city, cell, may, who):
    for command, (letter, body) in COMMANDS.items():
        undecided = cell.startswith("none")
        if "r" not in may:
            foreign = officer.order(city.standing(cell), command, body, '"1"')
            like_unknown(foreign, officer.order(UNKNOWN, command, body, '"1"'))
        elif ("d" if undecided else letter) not in may:
            refused(officer.order(city.standing(cell), command, body, '"1"'))
        elif undecided and command not in DECIDING:
            assert officer.order(city.standing(cell), command, body, '"1"').status == 409
        else:
            case_id, etag = city.fresh(cell, command)
            done = officer.order(case_id, command, body, etag)
            assert done.status == 200, (cell, command, may, done.body)
            city.entries += 1
            last = city.operator.look(case_id).body["history"][-1]
            assert (last["actor"], last["command"]) == (who, command)


def like_unknown(reply, unknown):
    """Nobody can tell a case of others from none at all."""
    assert (reply.status, reply.body) == (404, unknown.body)
    seen, expected = ({k.lower(): v for k, v in each.headers.items()} for each in (reply, unknown))
    assert seen | {"date": ""} == expected | {"date": ""}


def refused(reply):
    assert reply.status == 403, reply.body
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert set(reply.body["missing"]) <= {"role", "action", "team", "area"}
    assert reply.body["missing"]
    shown = json.dumps(reply.body)
    assert not any(code in shown for code in (OTHER, OWN, THERE, HERE))


def listed(routing, city, row, secret):
    """Lists hold what may be read, and nothing else."""
    readable = {cell for cell in COUNTS if "r" in row[cell]}
    cases = {each for cell in readable if may_list(row, cell) for each in city.cells[place(cell)]}
    for query in ("limit=1000", "limit=1000&sort=due"):
        assert ids(routing, f"/v1/cases?{query}", "cases", secret) == cases
    assert ids(routing, f"/v1/cases?limit=1000&team={OTHER}", "cases", secret) == {
        each for cell in readable if cell.startswith("other") for each in city.cells[place(cell)]
    }
    if row["tasks"] == "yes":
        waiting = {each for cell in readable if cell.startswith("none") for each in city.cells[place(cell)]}
        found = routing.json("/v1/tasks?limit=1000", secret)["tasks"]
        # Timers may have added tasks of other kinds.
        assert {each["case_id"] for each in found if each["kind"] == "triage"} == waiting
    else:
        assert routing.get("/v1/tasks", secret)[0] == 403
    assert routing.get("/v1/ledger", secret)[0] == (200 if row["ledger"] == "yes" else 403)
    status, body = routing.get("/v1/audit", secret)
    assert status == (200 if row["audit"] == "yes" else 403)
    if status == 403:
        assert json.loads(body)["action"] == "audit:read"


def may_list(row, cell):
    """Who acts for every team finds undecided cases among the others; who acts for one, in the list of tasks."""
    return not cell.startswith("none") or row["other/here"] != "."


def ids(routing, path, name, secret):
    return {each["case_id"] for each in routing.json(path, secret)[name]}
