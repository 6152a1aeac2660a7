"""Ink: strokes and notes on the pages of papers"""

import sqlalchemy as sa
from alembic import op

import meetroom.store.tables

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("image", sa.String(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("colour", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("points", sa.String(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.Column("at", meetroom.store.tables.Utc(timezone=True), nullable=False),
        sa.Column("withdrawn_at", meetroom.store.tables.Utc(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_marks_meeting_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_marks_member_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_marks_paper_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marks")),
        sa.UniqueConstraint("member_id", "key", name=op.f("uq_marks_member_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("marks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_marks_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_marks_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_marks_paper_id"), ["paper_id"], unique=False)


def downgrade() -> None:
    op.drop_table("marks")
