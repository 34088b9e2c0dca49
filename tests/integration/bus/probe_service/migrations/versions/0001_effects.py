"""The spine and what the probe writes down."""

from alembic import op
from probe_service.tables import metadata

from concord_access.adapters.sql import audit_tables
from concord_bus.adapters.sql import schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema.create_v1(op)
    metadata.create_all(op.get_bind())
    audit_tables.create_v1(op)
