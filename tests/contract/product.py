"""The parts of the product that the frozen names are read from.

Only this file imports the product for the listings: when a module moves, change its import here.
"""

from concord_bus.adapters.sql import schema
from concord_bus.adapters.sql.migrate import alembic_config, upgrade
from concord_cli.commands import concord
from concord_cli.serve import builder_of
from concord_contracts import CATALOGUE
from concord_web.openapi import openapi, routes_of

SERVICES = ("intake", "routing", "notification", "metrics")
SHARED_MIGRATIONS = schema.PACKAGE
"""The package whose migrations every service's database gets besides its own."""

__all__ = [
    "CATALOGUE",
    "SERVICES",
    "SHARED_MIGRATIONS",
    "alembic_config",
    "builder_of",
    "concord",
    "openapi",
    "routes_of",
    "upgrade",
]
