"""Ballots on paper, points that drop during a vote, reminders, and deadlines on the monotonic clock"""

from typing import Any

import sqlalchemy as sa
from alembic import op

import meetroom.store.tables

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

Utc = meetroom.store.tables.Utc
COLUMNS: tuple[tuple[str, sa.Column[Any]], ...] = (
    ("votes", sa.Column("remind_at", Utc(timezone=True), nullable=True)),
    ("electors", sa.Column("nudged_at", Utc(timezone=True), nullable=True)),
)


def upgrade() -> None:
    for table, column in COLUMNS:
        op.add_column(table, column._copy())
    op.create_table(
        "vote_papers",
        *_place("vote_papers"),
        sa.Column("point_id", sa.Integer(), nullable=True),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("totals", sa.JSON(), nullable=True),
        sa.Column("ballots", sa.Integer(), nullable=False),
        sa.Column("witnesses", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_vote_papers_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "vote_drops",
        *_place("vote_drops"),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("at", Utc(timezone=True), nullable=False),
        sa.Column("back_at", Utc(timezone=True), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "deadlines",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("boot", sa.String(), nullable=False),
        sa.Column("due", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_deadlines")),
    )
    for table in ("vote_papers", "vote_drops"):
        for name in ("meeting_id", "vote_id"):
            op.create_index(op.f(f"ix_{table}_{name}"), table, [name])


def _place(table: str) -> tuple[Any, ...]:
    """A row of one vote in one meeting."""
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("vote_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f(f"fk_{table}_meeting_id")),
        sa.ForeignKeyConstraint(["vote_id"], ["votes.id"], name=op.f(f"fk_{table}_vote_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    for table in ("deadlines", "vote_drops", "vote_papers"):
        op.drop_table(table)
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column.name)
