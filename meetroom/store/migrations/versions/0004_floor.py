"""Rules of the floor; in whose name, by whom and about what the floor is asked for"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "floors",
        sa.Column("meeting_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_floors_meeting_id")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_floors")),
    )
    op.add_column("floor_requests", sa.Column("speaker", sa.String(), nullable=False, server_default=""))
    op.add_column("floor_requests", sa.Column("invited", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("floor_requests", sa.Column("replies_to", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("floor_requests", schema=None) as batch_op:
        for name in ("replies_to", "invited", "speaker"):
            batch_op.drop_column(name)
    op.drop_table("floors")
