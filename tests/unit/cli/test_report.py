"""The final table and the same as JSON."""

import io
import json
from dataclasses import replace

from rich.console import Console

from concord_cli.up.reconciliation import Account, Backlog, Gap, Imported
from concord_cli.up.report import Report, as_json, as_table, rows
from concord_cli.up.routing_agreement import Agreement, Share

ACCOUNT = Account(
    taken_in=2000,
    contacts=400,
    routed=1861,
    unroutable=139,
    contacts_stored=400,
    notices_due=0,
    delivered=399,
    failed=1,
    uncertain=0,
    measured=2000,
    notices_measured=400,
    events_handled=0,
    backlogs={"intake": Backlog(0, 0, 0)},
    queued=0,
    imported=Imported(2000, 2000),
)
REPORT = Report(
    account=ACCOUNT,
    missing=[],
    reasons={"outside": 9, "placeholder": 130},
    agreement=Agreement(Share(1847, 1861), Share(1847, 1940)),
    seconds=4.0,
    fresh_concerns=2000,
    fresh_messages=6800,
    urls={"intake": "http://127.0.0.1:8080"},
    restarts={"broker": 0},
    example_contacts=True,
)


def by_name(report: Report) -> dict[str, tuple[str, str]]:
    return {what: (count, note) for what, count, note in rows(report)}


def test_the_numbers_of_a_good_run() -> None:
    found = by_name(REPORT)
    assert found["taken in"] == ("2,000", "of 2,000 records")
    assert found["unroutable"] == ("139", "for a person to decide: placeholder 130, outside 9")
    assert found["notified"] == ("399", "mails to 400 who left a contact, 1 failed; the contacts are invented")
    assert found["left over"] == ("0", "in outboxes 0, waiting 0, in queues 0")
    assert found["agreement"] == ("99.25 %", "with the recorded district, 1,847 of 1,861")
    assert found[""] == ("95.21 %", "with placeholder points too, 1,847 of 1,940")
    assert found["messages/s"] == ("1,700", "6,800 messages, 500 concerns/s")
    assert "refused" not in found
    assert "restarts" not in found


def test_what_is_only_told_when_there_is_something() -> None:
    account = replace(ACCOUNT, queued=None, uncertain=2, taken_in=2003, imported=Imported(2001, 2000, 1, "R-1: no"))
    found = by_name(replace(REPORT, account=account, restarts={"intake": 2, "broker": 0}))
    assert found["refused"] == ("1", "R-1: no")
    assert found["taken in"][1] == "of 2,001 records, 3 from elsewhere"
    assert found["restarts"] == ("2", "intake 2")
    assert found["left over"][1].endswith("in queues unknown")
    assert ", 2 perhaps twice" in found["notified"][1]


def test_a_start_without_anything_new_has_no_rates() -> None:
    found = by_name(replace(REPORT, fresh_concerns=0, fresh_messages=0))
    assert "messages/s" not in found
    assert "elapsed" not in found


def test_an_empty_system() -> None:
    empty = replace(ACCOUNT, taken_in=0, contacts=0, routed=0, unroutable=0, delivered=0)
    report = replace(REPORT, account=replace(empty, imported=Imported()), reasons={}, agreement=None)
    found = by_name(report)
    assert found["taken in"] == ("0", "")
    assert found["unroutable"] == ("0", "")
    assert "agreement" not in found
    assert as_json(report)["agreement"] is None


def test_the_table_says_in_its_title_whether_all_is_well() -> None:
    def title(report: Report) -> str:
        out = io.StringIO()
        Console(file=out, width=110).print(as_table(report))
        return out.getvalue().splitlines()[0].strip()

    assert title(REPORT) == "Every concern accounted for"
    assert title(replace(REPORT, missing=[Gap("x")])) == "Not everything is accounted for"


def test_json() -> None:
    told = json.loads(json.dumps(as_json(replace(REPORT, missing=[Gap("3 lost")]))))
    assert (told["accounted_for"], told["missing"]) == (False, ["3 lost"])
    assert told["taken_in"] == told["routed"] + told["unroutable"] == 2000
    assert told["unroutable_by_reason"] == {"outside": 9, "placeholder": 130}
    assert told["agreement"]["without_placeholder"] == {"agreeing": 1847, "compared": 1861, "percent": 99.25}
    assert (told["messages_per_second"], told["concerns_per_second"]) == (1700.0, 500.0)


def test_records_that_differ_leave_a_run_incomplete() -> None:
    report = replace(REPORT, missing=[])
    assert report.is_complete
    differing = replace(report, differs=2)
    assert not differing.is_complete
    assert (as_json(differing)["differs"], as_json(differing)["accounted_for"]) == (2, True)
