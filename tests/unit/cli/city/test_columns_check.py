"""`concord city check DIR` reads the columns.toml of the folder too, and compares its codes with the city's."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from concord_cli.commands import concord

CITY = Path(__file__).parents[4] / "deploy/sample/boston/city"
COLUMNS = '[columns]\nid = "a"\ncategory = "b"\ntime = "c"\n'


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CITY, tmp_path / "city"))


def check(city: Path, text: str) -> Result:
    (city / "columns.toml").write_text(text, "utf-8")
    return CliRunner().invoke(concord, ["city", "check", "--json", str(city)])


def found(city: Path, text: str) -> list[str]:
    findings = json.loads(check(city, text).stdout)["findings"]
    return [
        f"{each['line']}: {each['message']} -> {each['remedy']}" for each in findings if each["file"] == "columns.toml"
    ]


def test_a_good_mapping_is_no_finding(city: Path) -> None:
    codes = '[categories.codes]\nX = "graffiti"\n[areas.codes]\nD4 = "D4"\nPark = ""\n[channels.codes]\nNet = "web"\n'
    result = check(city, COLUMNS + codes)
    assert (result.exit_code, json.loads(result.stdout)["findings"]) == (0, []), result.exception


def test_a_ready_mapping_has_no_codes_of_its_own(city: Path) -> None:
    assert found(city, 'from = "vancouver-police"\n') == []


def test_all_faults_are_told_at_once(city: Path) -> None:
    text = (
        COLUMNS + 'kind = "d"\n[categories]\ndefault = "others"\n[categories.codes]\nX = "grafiti"\nY = ""\n'
        '[areas.codes]\nPark = "D44"\n[channels.codes]\nNet = "wep"\n'
    )
    assert check(city, text).exit_code == 1
    faults = found(city, text)
    assert [fault.split(" -> ")[0] for fault in faults] == [
        "5: unknown key 'kind'",
        "7: 'others' is no category of the city",
        "9: 'grafiti' is no category of the city",
        "10: 'Y' is empty",
        "12: 'D44' is no area of the city",
        "14: unknown channel 'wep'",
    ]
    assert faults[2].endswith("-> did you mean 'graffiti'?")


def test_faults_of_the_city_do_not_hide_those_of_the_mapping(city: Path) -> None:
    (city / "city.toml").write_text("name = 3\n")
    (city / "areas.geojson").unlink()
    faults = found(city, COLUMNS + '[categories.codes]\nX = "grafiti"\n[areas.codes]\nPark = "D44"\n')
    assert [fault.split(" -> ")[0] for fault in faults] == ["6: 'grafiti' is no category of the city"]


def test_a_mapping_that_is_no_toml_is_an_error(city: Path) -> None:
    result = check(city, "[columns\n")
    assert result.exit_code == 1
    assert "not valid TOML" in result.stdout
