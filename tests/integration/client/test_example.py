"""The example of the guide is a service that works."""

import json
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path

from click.testing import CliRunner
from client_process import EXAMPLE, example
from client_stage import GRANT, City, event, eventually

from concord_cli.commands import concord

ROOT = EXAMPLE.parents[2]
ADD = ("add", "parks", "--types", ",".join(GRANT.types), "--areas", "B2,B3", "--categories", "graffiti")


def add(parks: City) -> str:
    """The URL that `concord subscriber add` prints for the parks department."""
    parks.subscribers.remove(GRANT)
    place = ["--management", parks.node.management_login, "--vhost", parks.vhost]
    city = ["--city", str(ROOT / "deploy/sample/boston/city")]
    done = CliRunner().invoke(concord, ["subscriber", *ADD, *city, *place, "--json"])
    assert done.exit_code == 0, done.output
    return str(json.loads(done.stdout)["url"])


def test_it_follows_graffiti_in_two_districts(parks: City, tmp_path: Path) -> None:
    with example(add(parks), tmp_path) as (process, output):
        parks.await_follower()
        key, _ = event(4)
        parks.publish(
            event(1), event(2, area="B3"), event(3, area="C6"), (key, b"not JSON"), event(5, category="noise")
        )
        eventually(lambda: output.read_text().count("\n"), 2)
        eventually(lambda: len(list((tmp_path / "dead-letters").glob("*.json"))), 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    first, second = output.read_text().splitlines()
    assert first.startswith("c1: graffiti in B2, promised by 20")
    assert second.startswith("c2: graffiti in B3, promised by 20")
    assert parks.depth() == 0


def test_it_is_about_thirty_lines() -> None:
    assert len(EXAMPLE.read_text().splitlines()) <= 35


def test_the_client_can_be_installed_alone(tmp_path: Path) -> None:
    """Without our other packages; pika, which the test does not fetch, is all that it asks for."""
    venv.create(tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    source = shutil.copytree(ROOT / "shared" / "client", tmp_path / "client")  # a build leaves files beside its source
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", "--no-build-isolation", str(wheel(source, tmp_path))], check=True)
    ask = "from importlib.metadata import requires as of; print([e for e in of('concord-client') if ';' not in e])"
    asked = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "['pika>=1.3']"


def wheel(source: Path, folder: Path) -> Path:
    """The package as `pip install ./shared/client` builds it, with the setuptools that are here."""
    options = ["--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(source)], check=True, timeout=120)
    (built,) = folder.glob("concord_client-*.whl")
    return built
