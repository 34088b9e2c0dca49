"""The tables of notices. They name no person: contacts and officer messages are ciphertext of the vault."""

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Table, Text, false, text

from concord_bus.adapters.sql.column_types import UtcDateTime
from concord_bus.adapters.sql.record_columns import columns_of
from concord_notification.notices.domain.concern import Decision, SealedMessage
from concord_notification.notices.domain.delivery import Delivery
from concord_notification.notices.domain.team_policy import DigestLine

metadata = MetaData()

HAS_CONTACT = text("contact_id IS NOT NULL")
OPEN = text("state IN ('due', 'sending')")
UNCERTAIN = text("uncertain")

concerns = Table(
    "concerns",
    metadata,
    Column("concern_id", Text, primary_key=True),
    Column("contact_id", Text),
    Column("contact_sequence", Integer),
    Column("language", Text),
    Column("sealed", Text),
    Column("given_at", UtcDateTime),
    Column("decided", Boolean, nullable=False, server_default=false()),
    Column("withdrawn", Boolean, nullable=False, server_default=false()),
    Column("events", Integer, nullable=False, server_default=text("0")),
    Index("concerns_contact", "concern_id", sqlite_where=HAS_CONTACT, postgresql_where=HAS_CONTACT),
)

decisions = Table(
    "decisions",
    metadata,
    *columns_of(Decision, key=["event_id"], without=["words"]),
    Index("decisions_concern", "concern_id"),
)

words = Table("words", metadata, *columns_of(SealedMessage, key=["cause_id"]))

digest_lines = Table(
    "digest_lines",
    metadata,
    *columns_of(DigestLine, key=["cause_id"]),
    Index("digest_lines_team", "team", "digest_id"),
    Index("digest_lines_digest", "digest_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    *columns_of(Delivery, key=["id"], without=["notice"]),
    Column("notice", Text, nullable=False, server_default=text("'acknowledgement'")),
    Index("deliveries_concern", "concern_id"),
    Index("deliveries_state", "state", "due_at", "id"),
    Index("deliveries_open", "not_before", "id", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("deliveries_uncertain", "id", sqlite_where=UNCERTAIN, postgresql_where=UNCERTAIN),
)
