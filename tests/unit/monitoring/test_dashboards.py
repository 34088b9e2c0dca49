"""The dashboards: made by their script, complete, and found by Grafana where docker-compose.yml puts them."""

import subprocess

import pytest
import yaml
from deployed import DASHBOARDS, ROOT, panels

import make_dashboards

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
GRAFANA = COMPOSE["services"]["grafana"]


def test_the_files_are_those_that_the_script_makes():
    assert {file.name: file.read_text() for file in DASHBOARDS.iterdir()} == make_dashboards.files()


def test_the_script_makes_the_same_each_time():
    assert make_dashboards.files() == make_dashboards.files()


@pytest.mark.parametrize("panel", [panel for _, panel in panels()], ids=[where for where, _ in panels()])
def test_a_panel_says_what_it_shows(panel):
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["targets"]
    assert panel["options"]
    assert {each["datasource"]["uid"] for each in panel["targets"]} == {"${datasource}"}


def test_panels_fill_the_grid_without_overlap():
    for name in make_dashboards.BOARDS:
        taken = set()
        for where, panel in panels():
            if where.startswith(f"{name.removesuffix('.json')}:"):
                at = panel["gridPos"]
                cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
                assert not cells & taken, where
                assert at["x"] + at["w"] <= 24, where
                taken |= cells


def test_grafana_finds_dashboards_and_source_where_they_are_mounted():
    mounts = dict(each.split(":")[:2] for each in GRAFANA["volumes"])
    mounted = {inside: ROOT / here for here, inside in mounts.items() if here.startswith("./")}
    provider = yaml.safe_load((mounted["/etc/grafana/provisioning"] / "dashboards/concord.yml").read_text())
    assert mounted[provider["providers"][0]["options"]["path"]] == DASHBOARDS
    source = yaml.safe_load((mounted["/etc/grafana/provisioning"] / "datasources/prometheus.yml").read_text())
    assert source["datasources"][0]["url"] == "http://prometheus:9090"


def test_nobody_gets_into_grafana_without_a_password():
    environment = GRAFANA["environment"]
    assert environment["GF_AUTH_ANONYMOUS_ENABLED"] == "false"
    assert environment["GF_SECURITY_ADMIN_PASSWORD__FILE"] == "/run/secrets/grafana-admin-password"
    assert "GF_SECURITY_ADMIN_PASSWORD" not in environment


def test_what_is_mounted_exists():
    for name, service in COMPOSE["services"].items():
        for volume in service.get("volumes", []):
            if volume.startswith("./"):
                assert (ROOT / volume.split(":")[0]).exists(), (name, volume)


def test_every_secret_is_made(tmp_path):
    subprocess.run(["sh", ROOT / "deploy/compose-secrets.sh", tmp_path], check=True, capture_output=True, timeout=60)
    wanted = {secret["file"].rpartition("/")[2] for secret in COMPOSE["secrets"].values()}
    assert wanted <= {file.name for file in tmp_path.iterdir()}
    given = [each for service in COMPOSE["services"].values() for each in service.get("secrets", [])]
    assert {each if isinstance(each, str) else each["source"] for each in given} == set(COMPOSE["secrets"])
