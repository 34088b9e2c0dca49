"""`concord token issue` on a local run: what it prints is sent as it is, by curl, and its work stands in the audit."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from .running import SAMPLE, Up, gone

RECORDS = 200
TEAM = "graffiti-crew"


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder = tmp_path_factory.mktemp("token")
    records = folder / "records.csv"
    records.write_text("".join(SAMPLE.read_text("utf-8").splitlines(keepends=True)[: RECORDS + 1]), "utf-8")
    with Up(folder / "home", "--records", str(records), once=False) as running:
        running.await_line("Running until Ctrl-C.")
        yield running
    assert gone(folder / "home", 10)


def concord(*arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "concord_cli", *arguments], check=True, capture_output=True, text=True, timeout=60
    ).stdout


def curl(url: str, key: str, *more: str) -> tuple[int, dict[str, str], dict[str, object]]:
    """Status, headers in lower case, body."""
    sent = ("-H", f"Authorization: Bearer {key}", "-H", "Content-Type: application/json", *more)
    said = subprocess.run(["curl", "-sSi", *sent, url], check=True, capture_output=True, text=True, timeout=30).stdout
    head, _, body = said.partition("\n\n")
    first, *lines = head.splitlines()
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers, json.loads(body)


def test_a_key_is_issued_used_and_revoked(up: Up) -> None:
    home = ("--home", str(up.home))
    urls = up.running()["urls"]
    key = concord("token", "issue", "graffiti-desk", "--role", "officer", "--team", TEAM, *home).strip()

    status, _, page = curl(f"{urls['routing']}/v1/cases?limit=1000&state=routed", key)
    cases = page["cases"]
    assert status == 200
    assert isinstance(cases, list)
    assert {each["team"] for each in cases} == {TEAM}
    case = f"{urls['routing']}/v1/cases/{cases[0]['case_id']}"
    _, headers, _ = curl(case, key)
    status, _, worked = curl(f"{case}/acknowledge", key, "-H", f"If-Match: {headers['etag']}", "-d", "{}")
    assert (status, worked["state"]) == (200, "acknowledged")

    tasks = curl(f"{urls['routing']}/v1/tasks", key)[2]["tasks"]
    assert isinstance(tasks, list)
    assert {each["team"] for each in tasks} <= {TEAM}
    assert curl(f"{urls['routing']}/v1/ledger", key)[0] == 403
    concord("token", "revoke", key, *home)
    assert curl(case, key)[0] == 401
    verified = concord("audit", "verify", "--service", "routing", *home)
    assert verified.startswith("routing: 3 entries, whole.")


def test_the_operators_token_opens_every_ledger(up: Up) -> None:
    token = (up.home / "keys" / "ops-token").read_text().strip()
    for service in ("intake", "routing", "notification", "metrics"):
        url = f"{up.running()['urls'][service]}/v1/ledger"
        assert curl(url, token)[0] == 200, service
        assert curl(url, "ck_unknown")[0] == 401, service
