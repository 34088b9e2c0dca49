"""Standings get a narrow table of their own, because the row of a case is long and in many indexes.

The upgrade reads the cases with a missed promise or one at risk once. SQLite rewrites the table of cases to drop the
column; PostgreSQL only forgets it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "standings",
        sa.Column("seq", SERIAL, primary_key=True, autoincrement=False),
        sa.Column("promise", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
    )
    op.execute(
        "INSERT INTO standings (seq, promise, sequence)"
        " SELECT seq, promise, sequence FROM cases WHERE promise IS NOT NULL ORDER BY seq"
    )
    op.drop_index("cases_promise", "cases")
    op.execute("ALTER TABLE cases DROP COLUMN promise")


def downgrade() -> None:
    """Loses nothing."""
    op.add_column("cases", sa.Column("promise", sa.Text))
    op.execute(
        "UPDATE cases SET promise = s.promise,"
        " sequence = CASE WHEN s.sequence > cases.sequence THEN s.sequence ELSE cases.sequence END"
        " FROM standings AS s WHERE s.seq = cases.seq"
    )
    condition = sa.text("promise IS NOT NULL")
    op.create_index("cases_promise", "cases", ["promise", "seq"], sqlite_where=condition, postgresql_where=condition)
    op.drop_table("standings")
