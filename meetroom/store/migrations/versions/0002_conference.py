"""The whole conference: quality, limit and site of points, roll call, lock, recordings, media nodes"""

from typing import Any

import sqlalchemy as sa
from alembic import op

import meetroom.store.tables

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

POINTS: tuple[sa.Column[Any], ...] = (
    sa.Column("quality", sa.String(), nullable=False, server_default="high"),
    sa.Column("reason", sa.String(), nullable=False, server_default=""),
    sa.Column("limit", sa.String(), nullable=False, server_default="high"),
    sa.Column("site", sa.String(), nullable=False, server_default=""),
    sa.Column("answered_at", meetroom.store.tables.Utc(timezone=True), nullable=True),
    sa.Column("attending", sa.Integer(), nullable=True),
    sa.Column("ingest", sa.String(), nullable=True),
)


def upgrade() -> None:
    for column in POINTS:
        op.add_column("points", column._copy())
    op.create_table(
        "conferences",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("roll_called_at", meetroom.store.tables.Utc(timezone=True), nullable=True),
        sa.Column("egress", sa.String(), nullable=True),
        sa.Column("node", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_conferences_meeting_id")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_conferences")),
    )
    op.create_table(
        "recordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("started_at", meetroom.store.tables.Utc(timezone=True), nullable=False),
        sa.Column("ended_at", meetroom.store.tables.Utc(timezone=True), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("chapters", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_recordings_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recordings_meeting_id"), ["meeting_id"], unique=False)
    op.create_table(
        "nodes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("draining", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nodes")),
        sa.UniqueConstraint("node", name=op.f("uq_nodes_node")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("nodes")
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recordings_meeting_id"))
    op.drop_table("recordings")
    op.drop_table("conferences")
    with op.batch_alter_table("points", schema=None) as batch_op:
        for column in reversed(POINTS):
            batch_op.drop_column(column.name)
