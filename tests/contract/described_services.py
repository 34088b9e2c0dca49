"""Describes the services as they are when they run: `python -m tests.contract.described_services`.

Prints JSON, for each service the package with its migrations, the environment variables it reads, its routes and its
OpenAPI document. Each is built in a process of its own, because a service registers its metrics once in a process.
Needs no broker and no database.
"""

import json
import subprocess
import sys
import tempfile
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from .product import SERVICES, builder_of, openapi, routes_of

ROOT = Path(__file__).parents[2]
CITY = ROOT / "deploy" / "sample" / "boston" / "city"
SECRETS = (
    *("KEYS_INTAKE", "KEYS_ROUTING", "KEYS_NOTIFICATION", "VAULT_KEYS"),
    *("LINK_KEY", "RECEIPT_KEY", "ACCESS_KEY", "OPS_TOKEN"),
)


class RecordingEnvironment(dict[str, str]):
    """An environment that remembers the variables a service asked for."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.names.add(str(name))
        return super().__contains__(name)


def environment(folder: Path) -> RecordingEnvironment:
    """Settings for any service. What may come from a file does, so that the service asks for `_FILE` as well."""
    values = {f"CONCORD_{name}": Fernet.generate_key().decode() for name in SECRETS} | {
        "CONCORD_BROKER_URL": "amqp://user:password@127.0.0.1:1/",
        "CONCORD_DATABASE_URL": f"sqlite:///{folder / 'service.db'}",
    }
    files = {f"{name}_FILE": folder / name for name in values}
    for name, value in values.items():
        files[f"{name}_FILE"].write_text(value, "utf-8")
    return RecordingEnvironment(
        {name: str(file) for name, file in files.items()}
        | {
            "CONCORD_CITY": str(CITY),
            "CONCORD_MAIL_FROM": "concord@example.org",
            "CONCORD_MANAGEMENT_URL": "http://monitor:password@127.0.0.1:1",
            "CONCORD_SMTP_URL": "smtp://127.0.0.1:1",
        }
    )


def describe(service: str) -> dict[str, Any]:
    """The description of one service; registers its metrics in this process."""
    with tempfile.TemporaryDirectory() as folder:
        env = environment(Path(folder))
        built = builder_of(service)(env)
    routes = routes_of(built.service_cls)
    return {
        "package": built.package,
        "environment": sorted(env.names),
        "routes": [f"{route.method} {route.path}" for route in routes],
        "openapi": openapi(service, "1", routes),
    }


@cache
def descriptions() -> dict[str, dict[str, Any]]:
    """The description of every service, by its name. From a process without threads, as it forks."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.contract.described_services"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the services could not be built: {done.stderr[-2000:]}")
    described: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return described


def main() -> int:
    with get_context("fork").Pool(2, maxtasksperchild=1) as pool:
        print(json.dumps(dict(zip(SERVICES, pool.map(describe, SERVICES, chunksize=1), strict=True))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
