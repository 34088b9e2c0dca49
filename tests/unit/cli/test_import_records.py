"""`concord import`: what the command does with a file, and what is said of a wrong call."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from concord_cli.import_records import import_records
from concord_nodes.tcp_ports import free_port

from .record_files import GOOD, write_records

CITY = Path(__file__).parents[3] / "deploy/sample/boston/city"
FAULTY = GOOD.format(2).replace("2015", "soon")


class FakeIntake(BaseHTTPRequestHandler):
    """Accepts every line but those of the category noise."""

    protocol_version = "HTTP/1.1"
    paths: list[str]
    statuses: dict[str, str]

    def do_POST(self) -> None:
        type(self).paths.append(self.path)
        lines = [json.loads(line) for line in self._body().splitlines()]
        answers = [_answer(number, line) for number, line in enumerate(lines, start=1)]
        body = b"".join(json.dumps(answer).encode() + b"\n" for answer in answers)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _body(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline().strip() or b"0", 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_: object) -> None:
        pass


def _answer(number: int, line: dict[str, Any]) -> dict[str, Any]:
    if line["category"] == "noise":
        problem = {"status": 422, "detail": "Too loud."}
        return {"line": number, "id": line["id"], "status": "refused", "problem": problem}
    usual = "already" if "dry_run=true" in FakeIntake.paths[-1] else "accepted"
    status = FakeIntake.statuses.get(line["id"], usual)
    differs = {"differs": ["category", "point"]} if status == "differs" else {}
    return {"line": number, "id": line["id"], "concern_id": f"C-{line['id']}", "status": status, **differs}


@pytest.fixture
def intake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONCORD_TOKEN", raising=False)
    FakeIntake.paths, FakeIntake.statuses = [], {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeIntake)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def call(*arguments: object) -> Result:
    return CliRunner().invoke(import_records, [str(argument) for argument in arguments])


def test_all_rows_come_in(intake: str, tmp_path: Path) -> None:
    done = call(write_records(tmp_path, GOOD.format(1), GOOD.format(2)), "--intake", intake, "--source", "open311")
    assert (done.exit_code, FakeIntake.paths) == (0, ["/v1/concerns:batch"])
    assert "2 of 2 records are in; intake refused 0, 0 rows of the file cannot be read" in done.output


def test_a_login_names_its_source(intake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCORD_TOKEN", "example-token")
    call(write_records(tmp_path, GOOD.format(1)), "--intake", intake, "--source", "open 311")
    assert FakeIntake.paths == ["/v1/concerns:batch?source=open%20311"]


def test_what_was_in_before_is_told(intake: str, tmp_path: Path) -> None:
    FakeIntake.statuses = {"R-1": "already", "R-2": "updated"}
    file = write_records(tmp_path, *(GOOD.format(number) for number in (1, 2, 3)))
    done = call(file, "--intake", intake, "--source", "x")
    assert (done.exit_code, "In before: 1 the same, 1 updated, 0 that differ." in done.output) == (0, True)


def test_records_that_differ_are_told_and_end_with_a_fault(intake: str, tmp_path: Path) -> None:
    FakeIntake.statuses = {"R-1": "differs"}
    file = write_records(tmp_path, GOOD.format(1), GOOD.format(2))
    done = call(file, "--intake", intake, "--source", "x")
    assert done.exit_code == 1
    assert "1 record differs from what is in, and nothing of them has changed:\n  R-1: category, point" in done.output
    told = json.loads(call(file, "--intake", intake, "--source", "x", "--json").stdout)
    assert (told["differs"], told["updated"]) == ([{"id": "R-1", "fields": ["category", "point"]}], 0)


def test_good_rows_come_in_and_the_others_are_told(intake: str, tmp_path: Path) -> None:
    file = write_records(tmp_path, GOOD.format(1), FAULTY, GOOD.format(3).replace("graffiti", "noise"))
    done = call(file, "--intake", intake, "--source", "x", "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["records"], told["taken_in"]) == (1, 3, 1)
    assert told["refused"] == [{"id": "R-3", "why": "Too loud."}]
    assert [(row["line"], row["why"][:13]) for row in told["refused_rows"]] == [(3, "column n_time")]


def test_refused_rows_become_a_file_to_correct(intake: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.csv").touch(0o644)
    file = write_records(tmp_path, GOOD.format(1), FAULTY, GOOD.format(3).replace("graffiti", "noise"), 'R-4,"x" y')
    call(file, "--intake", intake, "--source", "x", "--refused", tmp_path / "wrong.csv")
    head, *rows = (tmp_path / "wrong.csv").read_text("utf-8").splitlines()
    assert head.endswith(",n_channel,concord_line,concord_reason")
    assert [row.split(",")[0] for row in rows] == ["R-2", "R-3", '"R-4']
    assert ",3,column n_time: 'soon-01-01T10:56:16-05:00' is not a time" in rows[0]
    assert rows[1].endswith(",4,Too loud.")
    assert (tmp_path / "wrong.csv").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "form",
    ['encoding = "cp1252"', "title_rows = 2", 'quote_escape = "\\\\"', 'delimiter = ";"'],
    ids=lambda form: form[:8],
)
def test_a_corrected_file_is_read_with_the_same_mapping(intake: str, tmp_path: Path, form: str) -> None:
    """Whatever the mapping says about the file's form."""
    columns = tmp_path / "columns.toml"
    columns.write_text(f'from = "concord"\nsource = "x"\n[file]\n{form}\n', "utf-8")
    text = write_records(tmp_path, FAULTY.replace("R-2", "R-ü")).read_text("utf-8")
    original = ("\n\n" if "title" in form else "") + (text.replace(",", ";") if "delimiter" in form else text)
    file, refused = tmp_path / "original.csv", tmp_path / "wrong.csv"
    file.write_bytes(original.encode("cp1252" if "cp1252" in form else "utf-8"))
    first = call(file, "--intake", intake, "--columns", columns, "--refused", refused)
    assert (first.exit_code, refused.exists()) == (1, True), first.output
    encoding = "cp1252" if "cp1252" in form else "utf-8"
    refused.write_bytes(refused.read_bytes().replace(b"soon", b"2015"))
    told = json.loads(call(refused, "--intake", intake, "--columns", columns, "--json").stdout)
    assert (told["records"], told["taken_in"]) == (1, 1), (encoding, refused.read_bytes())


def test_a_corrected_file_of_refused_rows_comes_in(intake: str, tmp_path: Path) -> None:
    refused = tmp_path / "wrong.csv"
    call(write_records(tmp_path, FAULTY), "--intake", intake, "--source", "x", "--refused", refused)
    refused.write_text(refused.read_text("utf-8").replace("soon", "2015"), "utf-8")
    assert call(refused, "--intake", intake, "--source", "x").exit_code == 0


def test_all_or_nothing_sends_nothing(intake: str, tmp_path: Path) -> None:
    done = call(
        write_records(tmp_path, GOOD.format(1), FAULTY), "--intake", intake, "--source", "x", "--all-or-nothing"
    )
    assert (done.exit_code, FakeIntake.paths) == (1, [])
    assert "0 of 2 records are in" in done.output


def test_a_dry_run_sends_nothing_and_counts_teams(intake: str, tmp_path: Path) -> None:
    file = write_records(tmp_path, GOOD.format(1), GOOD.format(2).replace("graffiti", "unheard"))
    done = call(file, "--city", CITY, "--source", "x", "--dry-run", "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, FakeIntake.paths) == (1, [])
    assert (told["would_come_in"], sum(told["teams"].values())) == (1, 1)
    assert told["categories_without_code"] == {"unheard": 1}


def test_a_dry_run_asks_a_given_intake_what_it_would_do(intake: str, tmp_path: Path) -> None:
    FakeIntake.statuses = {"R-1": "new", "R-2": "updated", "R-3": "differs"}
    file = write_records(tmp_path, *(GOOD.format(number) for number in (1, 2, 3, 4)))
    done = call(file, "--intake", intake, "--source", "x", "--dry-run", "--city", CITY)
    assert (done.exit_code, FakeIntake.paths) == (1, ["/v1/concerns:batch?dry_run=true"])
    assert "At intake: 1 new, 1 updated, 1 the same, 1 that differ, 0 refused." in done.output
    assert "  R-3: category, point" in done.output
    FakeIntake.statuses = {"R-1": "updated"}
    told = json.loads(call(file, "--intake", intake, "--source", "x", "--dry-run", "--json").stdout)
    expected = {"new": 0, "updated": 1, "already": 3, "differs": [], "refused": [], "failure": None}
    assert told["intake"] == expected


def test_a_dry_run_without_an_answer_of_intake_is_no_success(tmp_path: Path, intake: str) -> None:
    file = write_records(tmp_path, GOOD.format(1).replace("graffiti", "noise"))
    done = call(file, "--intake", intake, "--source", "x", "--dry-run")
    assert (done.exit_code, "  R-1: Too loud." in done.output) == (1, True)


def test_a_dry_run_of_good_rows_is_a_success(tmp_path: Path) -> None:
    done = call(write_records(tmp_path, GOOD.format(1)), "--source", "x", "--dry-run", "--city", CITY)
    assert (done.exit_code, "1 row would come in, 0 would be refused." in done.output) == (0, True)
    assert "  team " in done.output


def test_texts_without_a_code_are_told_with_their_counts(tmp_path: Path) -> None:
    rows = [GOOD.format(number).replace("graffiti", "Lärm") for number in range(1, 4)]
    done = call(write_records(tmp_path, *rows), "--source", "x", "--dry-run", "--city", CITY)
    assert "1 text of the category column without a code:\n  'Lärm': 3 rows" in done.output


def test_a_mapping_of_the_city_folder_is_taken(tmp_path: Path) -> None:
    city = tmp_path / "city"
    city.mkdir()
    for file in CITY.iterdir():
        (city / file.name).write_bytes(file.read_bytes())
    (city / "columns.toml").write_text(
        'source = "ours"\n[columns]\nid = "Nr"\ncategory = "Art"\ntime = "Wann"\n'
        '[times]\nforms = ["DD.MM.YYYY HH:mm"]\n'
        '[categories.codes]\nSchmiererei = "graffiti"\n'
    )
    file = tmp_path / "export.csv"
    file.write_text("Nr;Art;Wann\n1;Schmiererei;02.11.2026 10:00\n", "utf-8")
    done = call(file, "--city", city, "--dry-run")
    assert (done.exit_code, "category graffiti: 1" in done.output) == (0, True), done.output


def test_a_proposal_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text("Nr;Art\n1;x\n", "utf-8")
    done = call(file, "--propose")
    assert (done.exit_code, 'delimiter = ";"' in done.stdout) == (0, True)


def wrong_call(*arguments: object) -> str:
    done = call(*arguments)
    assert done.exit_code == 2, done.output
    return done.output


def test_a_source_is_named_and_not_guessed(tmp_path: Path) -> None:
    assert "--source open311" in wrong_call(write_records(tmp_path, GOOD.format(1)), "--intake", "http://127.0.0.1:9")


def test_an_address_without_scheme_ends_at_once(tmp_path: Path) -> None:
    file = write_records(tmp_path, GOOD.format(1))
    assert "--intake must look like http://host:port" in wrong_call(file, "--source", "x", "--intake", "127.0.0.1:8080")


def test_without_a_running_system_the_call_says_what_to_give(tmp_path: Path) -> None:
    file = write_records(tmp_path, GOOD.format(1))
    assert "--intake" in wrong_call(file, "--source", "x", "--home", tmp_path / "none")


def test_history_needs_a_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONCORD_TOKEN", raising=False)
    file = write_records(tmp_path, GOOD.format(1))
    (tmp_path / "running.json").write_text(json.dumps({"urls": {"intake": "http://127.0.0.1:9"}}), "utf-8")
    assert "CONCORD_TOKEN" in wrong_call(file, "--source", "x", "--history", "--home", tmp_path)


def test_a_file_of_another_make_says_what_to_do(tmp_path: Path) -> None:
    file = write_records(tmp_path, header="Nummer,Art,Datum")
    assert "concord import --propose FILE" in wrong_call(file, "--source", "x", "--intake", "http://127.0.0.1:9")


def test_the_records_are_not_overwritten_with_the_refused_ones(tmp_path: Path) -> None:
    file = write_records(tmp_path, GOOD.format(1))
    said = wrong_call(file, "--source", "x", "--intake", "http://127.0.0.1:9", "--refused", file)
    assert "--refused would overwrite RECORDS" in said
    assert "R-1" in file.read_text("utf-8")


def test_an_intake_that_stays_away_ends_the_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    address = f"http://127.0.0.1:{free_port()}"
    done = call(write_records(tmp_path, GOOD.format(1)), "--source", "x", "--intake", address, "--give-up-after", "0.5")
    assert done.exit_code == 1
    assert "Import failed: intake did not answer for 0.5 s" in done.output


def test_two_mappings_exclude_each_other(tmp_path: Path) -> None:
    file = write_records(tmp_path)
    assert "exclude each other" in wrong_call(file, "--columns", file, "--from", "boston311")
