"""Papers made a PDF of their own, and jobs that go on in the middle of a stage"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("paper_versions", sa.Column("pdf", sa.String(), nullable=True))
    op.add_column("jobs", sa.Column("page", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("slow", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE jobs SET kind = 'pages' WHERE kind = 'other_pages'")


def downgrade() -> None:
    op.execute("UPDATE jobs SET kind = 'other_pages' WHERE kind <> 'first_page'")
    op.drop_column("jobs", "slow")
    op.drop_column("jobs", "page")
    op.drop_column("paper_versions", "pdf")
