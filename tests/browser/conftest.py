"""A real half year in a metrics service, and Chromium to look at it.

Chromium missing skips these tests on a developer's machine and fails them in CI (`CI=true`).
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

from chromium import CHROMIUM, started  # noqa: E402
from half_year import BOSTON, fill  # noqa: E402
from service_process import ServiceProcess, prepare  # noqa: E402

from concord_nodes import RabbitNode  # noqa: E402
from concord_nodes.tcp_ports import choose_port  # noqa: E402


def half_year(folder: Path) -> str:
    """The URL of a database of metrics with the half year."""
    url = f"sqlite:///{folder / 'metrics.db'}"
    fill(url)
    return url


@pytest.fixture(scope="session")
def metrics_env(rabbit: RabbitNode, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a metrics service that holds the half year."""
    vhost = SimpleNamespace(node=rabbit, name="ops-page")
    rabbit.management.create_vhost(vhost.name)
    prepare(vhost)
    yield {
        "CONCORD_BROKER_URL": rabbit.amqp_url(vhost=vhost.name),
        "CONCORD_DATABASE_URL": half_year(tmp_path_factory.mktemp("ops")),
        "CONCORD_CITY": str(BOSTON / "city"),
        "CONCORD_OPS_SERVICES": f"intake=http://127.0.0.1:{choose_port(0, 0, 'nobody')}",
    }
    rabbit.management.delete_vhost(vhost.name)


@pytest.fixture(scope="session")
def metrics(metrics_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    folder = tmp_path_factory.mktemp("served")
    with ServiceProcess("metrics", folder, choose_port(0, 0, "HTTP"), metrics_env) as served:
        yield served


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """For one module: while it is open, its loop runs in the main thread, and no other can be started there."""
    if not CHROMIUM.exists():
        missing = f"{CHROMIUM} is not there: install the package chromium"
        if os.environ.get("CI"):
            pytest.fail(f"In CI every part must be there. {missing}")
        pytest.skip(missing)
    with sync_playwright() as playwright, started(playwright) as browser:
        yield browser


@pytest.fixture
def viewing(chromium: Browser) -> Iterator[Any]:
    """Opens pages: `viewing(width=390, scheme="dark")`."""
    contexts: list[BrowserContext] = []

    def view(width: int = 1280, scheme: Any = "light") -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        return context.new_page()

    yield view
    for each in contexts:
        each.close()
