"""Targets of the diagnosis: those of a local run, or those that options name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from concord_bus.disk_watch import one_for_each_disk
from concord_bus.settings import BrokerAddress
from concord_bus.topology.declarations import SERVICES
from concord_cli.common.broker_target import broker_of, broker_tls, local_node, management_url
from concord_cli.common.database_urls import service_url, sqlite_url
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import SECRETS, is_home, read_inventory, remembered_city
from concord_http import ServerAddress
from concord_http.tls import TlsFiles
from concord_nodes.tcp_ports import LOOPBACK


@dataclass(frozen=True, slots=True)
class Targets:
    """Parts to examine; None or empty for a part to skip.

    `services` and `databases` are URLs by service. The command tries the `logins` at the broker and measures the free
    disk space of the `folders`, and compares the zone data for the `city`. `tls` are the certificates for the broker's
    management API.
    """

    vhost: str = "/"
    management: str | None = None
    logins: Sequence[BrokerAddress] = ()
    services: Mapping[str, str] = field(default_factory=dict)
    databases: Mapping[str, str] = field(default_factory=dict)
    key_files: Sequence[Path] = ()
    folders: Sequence[Path] = ()
    city: Path | None = None
    tls: TlsFiles = field(default_factory=TlsFiles)


def local_targets(home: Path) -> Targets:
    """Return the parts of a local run. Raises UsageError for a folder that is no home, or unreadable."""
    if not is_home(home):
        raise UsageError(f"No local run in {home}: set --home, or --management, --service and --database.")
    ports: Mapping[str, int] = read_inventory(home).get("ports", {})
    try:
        passwords = {name: (home / "keys" / f"password-{name}") for name in SERVICES}
        secrets = {name: file.read_text("ascii").strip() for name, file in passwords.items() if file.is_file()}
    except (OSError, ValueError) as error:
        raise UsageError(f"{home} cannot be read: {error}") from error
    files = {name: home.absolute() / name / f"{name}.db" for name in SERVICES}
    targets = Targets(
        services={name: f"http://{LOOPBACK}:{ports[name]}" for name in SERVICES if name in ports},
        databases={name: sqlite_url(file) for name, file in files.items() if file.is_file()},
        key_files=[home / "keys" / name for name in SECRETS],
        folders=one_for_each_disk([home, *(file.parent for file in files.values() if file.parent.is_dir())]),
        city=remembered_city(home),
    )
    node = local_node(home)
    if node is None:
        return targets
    return replace(
        targets,
        management=management_url(node.user, node.password, node.ports["management"]),
        logins=[BrokerAddress(LOOPBACK, node.ports["amqp"], name, secret, "/") for name, secret in secrets.items()],
    )


def named_targets(
    management: str | None,
    vhost: str,
    brokers: Sequence[str],
    services: Sequence[str],
    databases: Sequence[str],
) -> Targets:
    """Return the parts that the options name. Raises UsageError."""
    if management and not _is_http(management):
        raise UsageError("--management must look like http://user:password@host:15672")
    service_urls = {name: url.rstrip("/") for name, url in _by_service("--service", services).items()}
    for url in service_urls.values():
        if not _is_http(url):
            raise UsageError("--service must look like intake=http://host:8080")
    database_urls = _databases(databases)
    files = (Path(make_url(url).database or "").parent for url in database_urls.values())
    folders = sorted({folder for folder in files if folder.is_dir() and folder != Path()})
    logins = [broker_of(broker, Path()) for broker in brokers]
    return Targets(vhost, management, logins, service_urls, database_urls, (), folders, tls=broker_tls())


def _is_http(url: str) -> bool:
    try:
        ServerAddress.parse(url)
    except ValueError:
        return False
    return True


def _databases(options: Sequence[str]) -> dict[str, str]:
    """Parse `NAME=URL` for one service, or a URL with `/` at its end for each service's database on a server."""
    servers = [option for option in options if option.partition("=")[0] not in SERVICES]
    urls: dict[str, str] = {}
    for server in servers:
        if not server.partition("?")[0].endswith("/") or "=" in server.partition(":")[0]:
            raise UsageError("--database must look like intake=URL, or be the URL of a server and end in /")
        urls |= {name: service_url(name, server) for name in SERVICES}
    urls |= _by_service("--database", [option for option in options if option not in servers])
    for url in urls.values():
        try:
            make_url(url)
        except (ArgumentError, ValueError):
            raise UsageError(
                "--database NAME=URL: the URL must begin with sqlite:/// or postgresql+psycopg2://"
            ) from None
    return urls


def _by_service(option: str, values: Sequence[str]) -> dict[str, str]:
    urls = {}
    for value in values:
        name, _, url = value.partition("=")
        if name not in SERVICES or not url:
            raise UsageError(f"{option} must look like NAME=URL, with NAME one of {', '.join(SERVICES)}.")
        urls[name] = url
    return urls
