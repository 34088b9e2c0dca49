"""The parts of the product that the frozen names are read from.

Only this file imports the product for the listings: when a module moves, change its import here.
"""

from importlib import import_module

from sqlalchemy import MetaData

from concord_access.adapters.sql import audit_tables, key_tables
from concord_bus.adapters.sql import schema
from concord_bus.adapters.sql import tables as bus_tables
from concord_bus.adapters.sql.migrate import alembic_config, upgrade
from concord_cli.commands import concord
from concord_cli.serve import builder_of
from concord_contracts import CATALOGUE
from concord_web.openapi import openapi, routes_of

SERVICES = ("intake", "routing", "notification", "metrics")
SHARED_MIGRATIONS = schema.PACKAGE
"""The package whose migrations every service's database gets besides its own."""

TABLES = {
    "intake": ("concord_intake.adapters.tables",),
    "routing": ("concord_routing.adapters.tables",),
    "notification": ("concord_notification.notices.adapters.tables", "concord_notification.webhooks.adapters.tables"),
    "metrics": ("concord_metrics.adapters.tables",),
}


def service_package(service: str) -> str:
    return f"concord_{service}"


def metadata_of(service: str) -> list[MetaData]:
    """Return the tables that the code of a service uses; only routing has API keys."""
    own = [import_module(module).metadata for module in TABLES[service]]
    return [*own, bus_tables.metadata, audit_tables.metadata, *([key_tables.metadata] if service == "routing" else [])]


__all__ = [
    "CATALOGUE",
    "SERVICES",
    "SHARED_MIGRATIONS",
    "TABLES",
    "alembic_config",
    "builder_of",
    "concord",
    "metadata_of",
    "openapi",
    "routes_of",
    "service_package",
    "upgrade",
]
