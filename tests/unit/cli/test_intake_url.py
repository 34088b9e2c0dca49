"""A wrong --intake ends an import before it begins, with one sentence."""

import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from concord_cli.common.errors import UsageError
from concord_cli.common.intake_url import check_intake_url, without_login
from concord_cli.import_records import import_records
from concord_nodes.tcp_ports import free_port

from .record_files import write_records


def resolver(code: int | None) -> Any:
    def resolve(*_: object, **__: object) -> list[object]:
        if code is not None:
            raise socket.gaierror(code, "as the system says it")
        return []

    return resolve


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (
            "127.0.0.1:8080",
            "must look like http://host:port, but is 127.0.0.1:8080. Did you mean http://127.0.0.1:8080?",
        ),
        ("localhost:8080", "Did you mean http://localhost:8080?"),
        ("concord.example.org/intake", "Did you mean http://concord.example.org:80/intake?"),
        ("ftp://127.0.0.1", "must look like http://host:port, but is ftp://127.0.0.1."),
        ("http://", "must look like http://host:port"),
        ("", "must look like http://host:port, but is ."),
        ("http://127.0.0.1:80800", "must have a port from 1 to 65535"),
        ("http://127.0.0.1:port", "must have a port from 1 to 65535"),
        ("http://[::1", "Invalid IPv6 URL"),
        ("ftp://ada:secret@host", "but is ftp://host."),
    ],
)
def test_what_is_no_url_is_said_at_once(url: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_intake_url(url)
    assert says in caught.value.message
    assert "secret" not in caught.value.message


def test_a_host_that_does_not_exist_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver(socket.EAI_NONAME))
    with pytest.raises(UsageError, match=r"there is no host no-such-host\.example\. Correct its name"):
        check_intake_url("http://no-such-host.example:8080")


@pytest.mark.parametrize("code", [None, socket.EAI_AGAIN])
def test_a_name_server_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch, code: int | None) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver(code))
    check_intake_url("http://host.example:8080")


@pytest.mark.parametrize(
    ("url", "printed"), [("http://a:b@host", "http://host"), ("a:b@host", "host"), ("host", "host")]
)
def test_no_login_is_printed(url: str, printed: str) -> None:
    assert without_login(url) == printed


ROW = "R-1,noise,Loud,2026-11-01T10:00:00-05:00,-71.07,42.33,D4"
HEADER = "n_id,n_category,n_text,n_time,n_lon,n_lat,n_area"


def test_a_wrong_address_ends_the_import_as_a_usage_error(tmp_path: Path) -> None:
    file = write_records(tmp_path, ROW, header=HEADER)
    done = CliRunner().invoke(import_records, [str(file), "--intake", "127.0.0.1:8080"])
    assert done.exit_code == 2
    assert len(done.output.splitlines()) == 1


def test_an_intake_that_is_away_ends_the_import_after_the_given_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = write_records(tmp_path, ROW, header=HEADER)
    url = f"http://127.0.0.1:{free_port()}"
    done = CliRunner().invoke(import_records, [str(file), "--source", "x", "--intake", url, "--give-up-after", "0.3"])
    assert done.exit_code == 1
    assert "Import failed: intake did not answer for 0.3 s (connection refused). Repeat the command" in done.output


@pytest.mark.parametrize("seconds", ["0", "-1", "soon"])
def test_the_time_to_give_up_is_more_than_nothing(tmp_path: Path, seconds: str) -> None:
    file = write_records(tmp_path, ROW, header=HEADER)
    done = CliRunner().invoke(import_records, [str(file), "--intake", "http://127.0.0.1", "--give-up-after", seconds])
    assert (done.exit_code, "--give-up-after" in done.output) == (2, True)
