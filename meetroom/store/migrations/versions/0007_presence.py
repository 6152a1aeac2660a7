"""Leave of absence, substitutes, departures, a quorum that was lost, and the key of the codes that stand in the hall"""

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

import meetroom.store.tables

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MEETINGS: tuple[sa.Column[Any], ...] = (
    sa.Column("substitutes", sa.String(), nullable=False, server_default="attends"),
    sa.Column("quorum_lost_at", meetroom.store.tables.Utc(timezone=True), nullable=True),
    sa.Column("hall_key", sa.String(), nullable=False, server_default=""),
)
MEMBERS: tuple[sa.Column[Any], ...] = (
    sa.Column("left_at", meetroom.store.tables.Utc(timezone=True), nullable=True),
    sa.Column("excused", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("reason", sa.String(), nullable=False, server_default=""),
    sa.Column("substitute_of", sa.Integer(), nullable=True),
    sa.Column("approved", sa.Boolean(), nullable=False, server_default=sa.true()),
)


def upgrade() -> None:
    for table, columns in (("meetings", MEETINGS), ("members", MEMBERS)):
        for column in columns:
            op.add_column(table, column._copy())
    meetings = sa.table("meetings", sa.column("id"), sa.column("hall_key"))
    connection = op.get_bind()
    for id in connection.execute(sa.select(meetings.c.id)).scalars().all():
        connection.execute(meetings.update().where(meetings.c.id == id).values(hall_key=secrets.token_hex(32)))


def downgrade() -> None:
    for table, columns in (("members", MEMBERS), ("meetings", MEETINGS)):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in reversed(columns):
                batch_op.drop_column(column.name)
