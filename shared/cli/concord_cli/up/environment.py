"""The environment of each child process: its own login, the keys that it needs, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from concord_bus.settings import BrokerAddress
from concord_bus.topology.declarations import MONITOR
from concord_cli.common.broker_target import amqp_url
from concord_cli.common.home_folder import Home
from concord_http.rabbitmq_management import management_address
from concord_http.tls import CA_VARIABLE, CERTIFICATE_VARIABLE, KEY_VARIABLE

PASSTHROUGH_VARIABLES = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "PYTHONPATH",
    "CONCORD_LOG_LEVEL",
    "CONCORD_BATCH",
    "CONCORD_BATCH_WAIT_MS",
    "CONCORD_DISK_FREE_MIB",
    CA_VARIABLE,
    CERTIFICATE_VARIABLE,
    KEY_VARIABLE,
    "CONCORD_CERTIFICATE_WARNING_DAYS",
    "CONCORD_HTTP_CLIENT_CONNECTIONS",
    "CONCORD_HTTP_CORS_ORIGINS",
    "CONCORD_HTTP_FORWARDED_HOPS",
    "CONCORD_LIMIT_LOGINS",
    "CONCORD_LIMIT_RECEIPTS",
    "CONCORD_LIMIT_REPORTS",
    "CONCORD_PARKED_RETENTION_DAYS",
    "CONCORD_WEBHOOK_INTERNAL_HOSTS",
    "CONCORD_WEBHOOK_CA_FILE",
)
FILE_VARIABLES = (
    CA_VARIABLE,
    CERTIFICATE_VARIABLE,
    KEY_VARIABLE,
    "CONCORD_WEBHOOK_CA_FILE",
    "CONCORD_OIDC_CLIENT_SECRET_FILE",
)
"""Variables with a path. Each child has a working folder of its own, so it gets absolute paths."""
DESK_VARIABLES = (
    "CONCORD_OIDC_ISSUER",
    "CONCORD_OIDC_CLIENT_ID",
    "CONCORD_OIDC_CLIENT_SECRET",
    "CONCORD_OIDC_CLIENT_SECRET_FILE",
    "CONCORD_OIDC_SCOPES",
    "CONCORD_OIDC_GROUPS_CLAIM",
)
"""Settings of the sign-in at the desk, which routing alone gets."""
KEYS_OF = {
    "intake": ("intake", "routing", "notification"),
    "routing": ("routing", "intake", "notification"),
    "notification": ("notification",),
    "metrics": (),
}
"""Recipients whose keys a service needs, to encrypt messages for them or to decrypt its own."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Settings of all services. `databases` has each service's URL; `mail_from` is None for notification's default.

    `broker` is without a login. `management` is the URL of the broker's management API.
    """

    city: Path
    broker: BrokerAddress
    databases: Mapping[str, str]
    ports: Mapping[str, int]
    smtp_url: str
    mail_from: str | None
    management: str | None = None

    def url_of(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"


def plain_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return the part of our own environment that every child gets."""
    return _passed(env, PASSTHROUGH_VARIABLES) | {"PYTHONUNBUFFERED": "1"}


def _passed(env: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """Return the variables that are set, paths as absolute ones."""
    passed = {name: env[name] for name in names if name in env}
    return passed | {name: str(Path(passed[name]).absolute()) for name in FILE_VARIABLES if passed.get(name)}


def service_environment(service: str, plan: Plan, home: Home, env: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of one service."""
    login = replace(plan.broker, user=service, password=home.secret(f"password-{service}"))
    return (
        plain_environment(env)
        | {
            "CONCORD_BROKER_URL": amqp_url(login),
            "CONCORD_DATABASE_URL": plan.databases[service],
            "CONCORD_HTTP_HOST": "127.0.0.1",
            "CONCORD_HTTP_PORT": str(plan.ports[service]),
            "CONCORD_OPS_TOKEN": home.secret("ops-token"),
            "CONCORD_CITY": str(plan.city),
            "CONCORD_SCHEMA_URL": env.get("CONCORD_SCHEMA_URL") or f"{plan.url_of('intake')}/schemas",
        }
        | {f"CONCORD_KEYS_{name.upper()}_FILE": str(home.key_file(name)) for name in KEYS_OF[service]}
        | _own_settings(service, plan, home, env)
    )


def _own_settings(service: str, plan: Plan, home: Home, env: Mapping[str, str]) -> dict[str, str]:
    if service == "intake":
        return {
            "CONCORD_RECEIPT_KEY_FILE": str(home.key_file("receipt")),
            "CONCORD_LINK_KEY_FILE": str(home.key_file("link")),
        }
    if service == "routing":
        desk = _passed(env, DESK_VARIABLES)
        address = env.get("CONCORD_DESK_URL") or plan.url_of("routing")
        return {"CONCORD_ACCESS_KEY_FILE": str(home.key_file("access")), **desk, "CONCORD_DESK_URL": address}
    if service == "notification":
        sender = {"CONCORD_MAIL_FROM": plan.mail_from} if plan.mail_from else {}
        desk = {"CONCORD_DESK_URL": env["CONCORD_DESK_URL"]} if env.get("CONCORD_DESK_URL") else {}
        return {
            "CONCORD_VAULT_KEYS_FILE": str(home.key_file("vault")),
            "CONCORD_LINK_KEY_FILE": str(home.key_file("link")),
            "CONCORD_PUBLIC_URL": env.get("CONCORD_PUBLIC_URL") or plan.url_of("intake"),
            "CONCORD_SMTP_URL": plan.smtp_url,
            **sender,
            **desk,
        }
    return _metrics_settings(plan, home)


def _metrics_settings(plan: Plan, home: Home) -> dict[str, str]:
    """Return the services that the ops page polls, and its login at the broker."""
    others = (service for service in KEYS_OF if service != "metrics")
    polled = {"CONCORD_OPS_SERVICES": ",".join(f"{service}={plan.url_of(service)}" for service in others)}
    if plan.management is None:
        return polled
    management = management_address(plan.management)
    return {**polled, "CONCORD_MANAGEMENT_URL": management.with_login(MONITOR, home.secret(f"password-{MONITOR}"))}
