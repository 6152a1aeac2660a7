"""Several walls in one meeting, each with what it shows"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "walls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("showing", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_walls_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_walls")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("walls", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_walls_meeting_id"), ["meeting_id"], unique=False)
    # Every meeting had one wall that needed no row.
    showing = json.dumps({"content": "auto", "vote_id": None, "text": ""})
    op.execute(
        sa.text(
            "INSERT INTO walls (meeting_id, position, name, showing) SELECT id, 0, :name, CAST(:showing AS JSON) FROM meetings"
            if op.get_bind().dialect.name == "postgresql"
            else "INSERT INTO walls (meeting_id, position, name, showing) SELECT id, 0, :name, :showing FROM meetings"
        ).bindparams(name="Màn hình chung", showing=showing)
    )
    with op.batch_alter_table("displays", schema=None) as batch_op:
        batch_op.drop_column("mode")
        batch_op.drop_column("vote_id")


def downgrade() -> None:
    with op.batch_alter_table("displays", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mode", sa.String(), nullable=False, server_default="auto"))
        batch_op.add_column(sa.Column("vote_id", sa.Integer(), nullable=True))
    with op.batch_alter_table("walls", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_walls_meeting_id"))
    op.drop_table("walls")
