"""Printouts: PDFs made for one member"""

import sqlalchemy as sa
from alembic import op

import meetroom.store.tables

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "printouts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=True),
        sa.Column("ink", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("taken_at", meetroom.store.tables.Utc(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("at", meetroom.store.tables.Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_printouts_meeting_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_printouts_member_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_printouts_paper_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printouts")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("printouts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_printouts_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_printouts_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_printouts_state"), ["state"], unique=False)


def downgrade() -> None:
    op.drop_table("printouts")
