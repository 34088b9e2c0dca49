"""schemathesis reads each service's OpenAPI document and tries what it allows, and what it does not.

Nothing may be answered with 5xx, nothing in a way that the document does not tell of, and afterwards the service lives.
"""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from .running import Up

SECONDS = 8
"""For each service: the first few are for the listed cases, the rest for random ones."""
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """All four services, with ten concerns in them."""
    folder = tmp_path_factory.mktemp("openapi")
    sample = (HERE.parents[1] / "deploy/sample/boston/records.csv").read_text("utf-8").splitlines(keepends=True)
    (folder / "records.csv").write_text("".join(sample[:11]), "utf-8")
    with Up(folder / "home", "--records", str(folder / "records.csv"), once=False) as up:
        up.await_line("Running until")
        yield up


@pytest.mark.parametrize("service", ["intake", "routing", "notification", "metrics"])
def test_every_answer_is_documented_and_none_is_an_error_of_ours(platform: Up, service: str, tmp_path: Path) -> None:
    url = platform.running()["urls"][service]
    token = (platform.home / "keys" / "ops-token").read_text("ascii").strip()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "-c", CHECKS),
            *("-H", f"Authorization: Bearer {token}", "--phases", "coverage,fuzzing", "--max-time", str(SECONDS)),
            *("--generation-deterministic", "--request-timeout", "10", "--continue-on-failure"),
            *("--warnings", "off", "--no-color"),
        ],
        cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "openapi_hooks", "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        timeout=SECONDS * 5,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    with urllib.request.urlopen(f"{url}/readyz", timeout=10) as answer:
        assert json.load(answer)["ready"]
