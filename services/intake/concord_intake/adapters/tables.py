"""Intake's tables. Times are UTC; points are WGS 84 degrees."""

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text, text

from concord_bus.adapters.sql.column_types import UtcDateTime
from concord_bus.adapters.sql.record_columns import columns_of
from concord_intake.domain.concern import Concern
from concord_intake.domain.reporter import Looks, ReporterAction
from concord_intake.domain.timeline import OfficerMessage, Step
from concord_intake.ports import KeyClaim, StoredFeedback

metadata = MetaData()

concerns = Table(
    "concerns",
    metadata,
    *columns_of(Concern, key=("id",)),
    Column("events", Integer, nullable=False, server_default=text("3")),
)
Index("concerns_receipt_index", concerns.c.receipt_index, unique=True)
Index(
    "concerns_without_receipt_index",
    concerns.c.id,
    sqlite_where=concerns.c.receipt_index.is_(None),
    postgresql_where=concerns.c.receipt_index.is_(None),
)
Index(
    "concerns_with_contact",
    concerns.c.id,
    sqlite_where=concerns.c.contact_given,
    postgresql_where=concerns.c.contact_given,
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    *columns_of(KeyClaim, key=("key",)),
    Index("idempotency_keys_claimed_at", "claimed_at"),
)

imported_lines = Table(
    "imported_lines",
    metadata,
    Column("source", Text, primary_key=True),
    Column("line_id", Text, primary_key=True),
    Column("concern_id", Text, nullable=False),
    Column("fingerprint", Text),
    Column("reported_at", UtcDateTime),
    Column("promised_by", UtcDateTime),
    Column("closed_at", UtcDateTime),
    sqlite_with_rowid=False,
)

steps = Table(
    "steps",
    metadata,
    *columns_of(Step, key=("concern_id", "sequence")),
    sqlite_with_rowid=False,
)

words = Table(
    "words",
    metadata,
    *columns_of(OfficerMessage, key=("concern_id", "sequence")),
    sqlite_with_rowid=False,
)

withdrawals = Table(
    "withdrawals",
    metadata,
    Column("concern_id", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

reporter_actions = Table(
    "reporter_actions",
    metadata,
    *columns_of(ReporterAction, key=("concern_id", "key")),
    sqlite_with_rowid=False,
)

looks = Table(
    "looks",
    metadata,
    *columns_of(Looks, key=("concern_id", "part")),
    sqlite_with_rowid=False,
)

answers = Table(
    "answers",
    metadata,
    *columns_of(StoredFeedback, key=("concern_id", "resolution"), resolution={"autoincrement": False}),
    sqlite_with_rowid=False,
)
