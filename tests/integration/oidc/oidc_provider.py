"""A real OpenID Connect provider (npm oidc-provider) on loopback, and a browser's part of a sign-in."""

import hashlib
import http.cookiejar
import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
SECRET = "a+b%2Fc/d e=&f#0123456789-0123456789"
"""With all that a careless encoding breaks."""
DESK = "http://127.0.0.1:8081"
REDIRECT = f"{DESK}/desk/signed-in"


def install() -> Path:
    """Return the folder of the provider's modules, installed once for each lock file."""
    if not shutil.which("npm"):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("npm is missing: apt-get install npm")
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = HERE.parents[2] / ".venv" / "npm" / lock
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=folder, check=True, timeout=300)
        (folder / "installed").touch()
    return folder / "node_modules"


@dataclass
class RunningProvider:
    """A provider in a process of its own."""

    modules: Path
    conform: bool = False
    process: Any = None
    issuer: str = ""

    def start(self, port: int = 0) -> None:
        settings = {
            "port": port,
            "modules": str(self.modules),
            "secret": SECRET,
            "redirect": REDIRECT,
            "back": f"{DESK}/desk/signed-out",
            "conform": self.conform,
        }
        self.process = subprocess.Popen(
            ["node", str(HERE / "provider.mjs"), json.dumps(settings)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.issuer = next(line.strip() for line in self.process.stdout if line.startswith("http://127"))

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def restart(self) -> None:
        """With another key, at the same address."""
        port = urllib.parse.urlsplit(self.issuer).port
        self.stop()
        self.start(port or 0)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


@dataclass
class Browser:
    """Goes through the provider's own pages, with its cookies."""

    jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def __post_init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(self.jar)
        self._opener = urllib.request.build_opener(cookies, _Stay)

    def open(self, url: str, form: dict[str, str] | None = None) -> tuple[str, str]:
        """Return the address of a redirect, or "", and the page."""
        data = None if form is None else urllib.parse.urlencode(form).encode()
        try:
            with self._opener.open(url, data, timeout=10) as response:
                return "", response.read().decode()
        except urllib.error.HTTPError as error:
            place = error.headers.get("Location", "")
            return urllib.parse.urljoin(url, place) if place else "", error.read().decode()

    def sign_in(self, url: str, name: str) -> dict[str, str]:
        """Sign in as `name` and allow what is asked; return the parameters with which the desk is visited."""
        for _ in range(12):
            place, page = self.open(url)
            if place.startswith(DESK):
                return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(place).query))
            if place:
                url = place
                continue
            prompt = re.search(r'name="prompt" value="(\w+)"', page)
            assert prompt, page
            form = {"prompt": prompt[1], "login": name, "password": "any"}
            action = re.search(r'action="([^"]+)"', page)
            assert action, page
            url = self.open(urllib.parse.urljoin(url, action[1]), form)[0]
        raise AssertionError("the provider never came to an end")
