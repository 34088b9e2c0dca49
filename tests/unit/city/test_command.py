"""`concord city check DIR`: one line per finding, and exit codes 0, 1 and 2."""

import json
import re
from pathlib import Path

from click.testing import CliRunner

from concord_cli.city.commands import city as command

from .twoside import edit, write_city


def test_a_good_folder(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["check", str(write_city(tmp_path))])
    assert result.exit_code == 0
    assert result.output == f"{tmp_path}: usable, 0 errors, 0 warnings\n"


def test_warnings_alone_exit_with_0(tmp_path: Path) -> None:
    edit(write_city(tmp_path), "rules.toml", "16 working hours", "2 working hours")
    result = CliRunner().invoke(command, ["check", str(tmp_path)])
    assert result.exit_code == 0
    assert "rules.toml:14: warning: the response" in result.output
    assert result.output.endswith("usable, 0 errors, 1 warning\n")


def test_an_error_exits_with_1(tmp_path: Path) -> None:
    edit(write_city(tmp_path), "rules.toml", '"works"', '"work"')
    result = CliRunner().invoke(command, ["check", str(tmp_path)])
    assert result.exit_code == 1
    assert "rules.toml:12: error: unknown team 'work' -> did you mean 'works'?" in result.output


def test_json(tmp_path: Path) -> None:
    edit(write_city(tmp_path), "rules.toml", '"works"', '"work"')
    result = CliRunner().invoke(command, ["check", "--json", str(tmp_path)])
    assert result.exit_code == 1
    answer = json.loads(result.output)
    assert (answer["usable"], answer["errors"], answer["warnings"]) == (False, 1, 0)
    assert answer["findings"][0] == {
        "level": "error",
        "file": "rules.toml",
        "line": 12,
        "message": "unknown team 'work'",
        "remedy": "did you mean 'works'?",
    }


def test_a_wrong_call_exits_with_2(tmp_path: Path) -> None:
    for arguments in (["check"], ["check", str(tmp_path / "nowhere")], ["check", "--yaml", str(tmp_path)]):
        assert CliRunner().invoke(command, arguments).exit_code == 2


def test_a_language_without_texts_is_a_warning(tmp_path: Path) -> None:
    write_city(tmp_path)
    for file in tmp_path.glob("*.toml"):
        file.write_text(re.sub(r'\bes\b(?=" *\]| =)', "nl", file.read_text()))
    result = CliRunner().invoke(command, ["check", str(tmp_path)])
    assert result.exit_code == 0
    expected = "city.toml:3: warning: Concord has no texts in 'nl': residents are written to in en and es only"
    assert expected in result.output
    assert result.output.endswith("usable, 0 errors, 1 warning\n")
