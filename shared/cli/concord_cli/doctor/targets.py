"""What is to be looked at, and where it is."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from concord_bus.settings import BrokerAddress
from concord_bus.topology import SERVICES
from concord_cli.common.broker_target import broker_of, local_node
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import INVENTORY, SECRETS
from concord_cli.common.service_database import service_url
from concord_nodes.tcp_ports import LOOPBACK


@dataclass(frozen=True, slots=True)
class Places:
    """What is None or empty was not given and is not looked at.

    `services` and `databases` are URLs by service; `logins` are tried at the broker; `folders` are those whose disk
    matters.
    """

    vhost: str = "/"
    management: str | None = None
    logins: Sequence[BrokerAddress] = ()
    services: Mapping[str, str] = field(default_factory=dict)
    databases: Mapping[str, str] = field(default_factory=dict)
    key_files: Sequence[Path] = ()
    folders: Sequence[Path] = ()


def is_home(folder: Path) -> bool:
    """Whether a local run keeps its things there."""
    return (folder / INVENTORY).is_file()


def of_home(home: Path) -> Places:
    """A local run's own. Raises UsageError when the folder is no home or cannot be read."""
    if not is_home(home):
        raise UsageError(
            f"No local run has its home in {home}: give --home its folder, or what to look at: --management, "
            "--service, --database."
        )
    keys = [home / "keys" / name for name in SECRETS]
    try:
        ports: Mapping[str, int] = json.loads((home / INVENTORY).read_text("utf-8")).get("ports", {})
        passwords = {name: (home / "keys" / f"password-{name}") for name in SERVICES}
        secrets = {name: file.read_text("ascii").strip() for name, file in passwords.items() if file.is_file()}
    except (OSError, ValueError) as error:
        raise UsageError(f"{home} cannot be read: {error}") from error
    node = local_node(home)
    files = {name: home.absolute() / name / f"{name}.db" for name in SERVICES}
    common = Places(
        services={name: f"http://{LOOPBACK}:{ports[name]}" for name in SERVICES if name in ports},
        databases={name: f"sqlite:///{file}" for name, file in files.items() if file.is_file()},
        key_files=keys,
        folders=[home],
    )
    if node is None:
        return common
    amqp, login = node.ports["amqp"], f"{quote(node.user, safe='')}:{quote(node.password, safe='')}"
    return replace(
        common,
        management=f"http://{login}@{LOOPBACK}:{node.ports['management']}",
        logins=[BrokerAddress(LOOPBACK, amqp, name, secret, "/") for name, secret in secrets.items()],
    )


def given(
    management: str | None,
    vhost: str,
    brokers: Sequence[str],
    services: Sequence[str],
    databases: Sequence[str],
) -> Places:
    """What was named on the command line. Raises UsageError."""
    if management and not _is_http(management):
        raise UsageError("--management must look like http://user:password@host:15672")
    urls = _by_service("--service", services)
    for url in urls.values():
        if not _is_http(url):
            raise UsageError("--service must look like intake=http://host:8080")
    found = _databases(databases)
    files = [Path(parsed.database or "").parent for url in found.values() if (parsed := make_url(url)).database]
    local = [file for file in files if file.is_dir() and file != Path()]
    return Places(vhost, management, [broker_of(each, Path()) for each in brokers], urls, found, (), sorted(set(local)))


def _is_http(url: str) -> bool:
    try:
        ServerAddress.parse(url)
    except ValueError:
        return False
    return True


def _databases(options: Sequence[str]) -> dict[str, str]:
    """`NAME=URL` for one service; a URL that ends in `/` for each service's database on a server."""
    servers = [each for each in options if each.partition("=")[0] not in SERVICES]
    found: dict[str, str] = {}
    for server in servers:
        if not server.endswith("/") or "=" in server.partition(":")[0]:
            raise UsageError("--database must look like intake=URL, or be the URL of a server and end in /")
        found |= {name: service_url(name, server) for name in SERVICES}
    found |= _by_service("--database", [each for each in options if each not in servers])
    for url in found.values():
        try:
            make_url(url)
        except ArgumentError:
            raise UsageError(
                "--database NAME=URL: the URL must begin with sqlite:/// or postgresql+psycopg2://"
            ) from None
    return found


def _by_service(option: str, values: Sequence[str]) -> dict[str, str]:
    found = {}
    for each in values:
        name, _, url = each.partition("=")
        if name not in SERVICES or not url:
            raise UsageError(f"{option} must look like NAME=URL, with NAME one of {', '.join(SERVICES)}.")
        found[name] = url.rstrip("/") if option == "--service" else url
    return found
