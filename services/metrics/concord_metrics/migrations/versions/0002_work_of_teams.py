"""Team actions: columns of facts and tables of aggregates. Every earlier case counts as open."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENTS = ("human_acknowledged_at", "updated_at", "referred_at", "resolved_at", "declined_at", "closed_at")
COUNTS = "acknowledged referred resolved declined closed reopened reopenings"
TIMES = ("human_acknowledgement", "first_word", "resolve")
BUCKETS = 17
SUMS = ("daily", "overall")


def upgrade() -> None:
    for name in MOMENTS:
        op.add_column("facts", sa.Column(name, UtcDateTime))
    op.add_column("facts", sa.Column("turn_sequence", sa.BigInteger))
    op.add_column("facts", sa.Column("standing", sa.Text))
    op.add_column("facts", sa.Column("reopenings", sa.Text))
    for table in SUMS:  # until now `open` counted all cases on which routing had decided: none could end
        op.add_column(table, sa.Column("decided", sa.BigInteger, nullable=False, server_default="0"))
        op.execute(f"UPDATE {table} SET decided = open")
    day = sa.Column("day", sa.Date, nullable=False, primary_key=True)
    op.create_table("daily_work", day, *_group(), *_sums(), sqlite_with_rowid=False)
    op.create_table("overall_work", *_group(), *_sums(), sqlite_with_rowid=False)


def downgrade() -> None:
    """Delete the team actions; `open` counts every case again."""
    op.drop_table("overall_work")
    op.drop_table("daily_work")
    for table in SUMS:
        op.execute(f"UPDATE {table} SET open = decided")
        op.drop_column(table, "decided")
    for name in (*MOMENTS, "turn_sequence", "standing", "reopenings"):
        op.drop_column("facts", name)


def _group() -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, primary_key=True) for name in ("area", "category", "channel", "team")]


def _sums() -> list[sa.Column[Any]]:
    buckets = [f"{name}_{index:02}" for name in TIMES for index in range(BUCKETS)]
    names = (*COUNTS.split(), *(f"{name}_us" for name in TIMES), *buckets)
    return [sa.Column(name, sa.BigInteger, nullable=False, server_default="0") for name in names]
