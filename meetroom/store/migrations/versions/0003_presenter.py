"""The presenter's part of the page: how large, and from where on"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("displays", sa.Column("left", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("displays", sa.Column("zoom", sa.Integer(), nullable=False, server_default="100"))
