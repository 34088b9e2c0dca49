"""The environment of each child process: its own login, the keys it needs, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from concord_bus.topology import MONITOR
from concord_cli.common.home_folder import Home

PASSTHROUGH_VARIABLES = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "PYTHONPATH",
    "CONCORD_LOG_LEVEL",
    "CONCORD_BATCH",
    "CONCORD_BATCH_WAIT_MS",
    "CONCORD_PARKED_RETENTION_DAYS",
    "CONCORD_WEBHOOK_INTERNAL_HOSTS",
    "CONCORD_WEBHOOK_CA_FILE",
)
SEALS = {
    "intake": ("intake", "routing", "notification"),
    "routing": ("routing", "intake", "notification"),
    "notification": ("notification",),
    "metrics": (),
}
"""Whose keys a service needs: to seal messages for them, or to open its own."""


@dataclass(frozen=True, slots=True)
class BrokerPlace:
    """Where the broker is, without any login."""

    host: str
    port: int
    vhost: str

    def url(self, user: str, password: str) -> str:
        login = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"amqp://{login}@{self.host}:{self.port}/{quote(self.vhost, safe='')}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What the services share. `databases` gives each service's URL; `mail_from` is None for the service's own.

    `management` is where the broker's management API listens, without any login.
    """

    city: Path
    broker: BrokerPlace
    databases: Mapping[str, str]
    ports: Mapping[str, int]
    smtp_url: str
    mail_from: str | None
    management: str | None = None


def plain_environment(env: Mapping[str, str]) -> dict[str, str]:
    """What any child gets of our own environment."""
    return {name: env[name] for name in PASSTHROUGH_VARIABLES if name in env} | {"PYTHONUNBUFFERED": "1"}


def service_environment(service: str, plan: Plan, home: Home, env: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of one service."""
    return (
        plain_environment(env)
        | {
            "CONCORD_BROKER_URL": plan.broker.url(service, home.secret(f"password-{service}")),
            "CONCORD_DATABASE_URL": plan.databases[service],
            "CONCORD_HTTP_HOST": "127.0.0.1",
            "CONCORD_HTTP_PORT": str(plan.ports[service]),
            "CONCORD_OPS_TOKEN": home.secret("ops-token"),
            "CONCORD_CITY": str(plan.city),
            "CONCORD_SCHEMA_URL": env.get("CONCORD_SCHEMA_URL") or f"http://127.0.0.1:{plan.ports['intake']}/schemas",
        }
        | {f"CONCORD_KEYS_{each.upper()}_FILE": str(home.key_file(each)) for each in SEALS[service]}
        | _of_its_own(service, plan, home, env)
    )


def _of_its_own(service: str, plan: Plan, home: Home, env: Mapping[str, str]) -> dict[str, str]:
    if service == "intake":
        return {
            "CONCORD_RECEIPT_KEY_FILE": str(home.key_file("receipt")),
            "CONCORD_LINK_KEY_FILE": str(home.key_file("link")),
        }
    if service == "routing":
        return {"CONCORD_ACCESS_KEY_FILE": str(home.key_file("access"))}
    if service == "notification":
        sender = {"CONCORD_MAIL_FROM": plan.mail_from} if plan.mail_from else {}
        return {
            "CONCORD_VAULT_KEYS_FILE": str(home.key_file("vault")),
            "CONCORD_LINK_KEY_FILE": str(home.key_file("link")),
            "CONCORD_PUBLIC_URL": env.get("CONCORD_PUBLIC_URL") or f"http://127.0.0.1:{plan.ports['intake']}",
            "CONCORD_SMTP_URL": plan.smtp_url,
            **sender,
        }
    return _of_metrics(plan, home)


def _of_metrics(plan: Plan, home: Home) -> dict[str, str]:
    """Whom the ops page looks at, and the login by which it may look at the broker."""
    others = (each for each in SEALS if each != "metrics")
    watched = {"CONCORD_OPS_SERVICES": ",".join(f"{each}=http://127.0.0.1:{plan.ports[each]}" for each in others)}
    if plan.management is None:
        return watched
    management = management_address(plan.management)
    return {**watched, "CONCORD_MANAGEMENT_URL": management.with_login(MONITOR, home.secret(f"password-{MONITOR}"))}
