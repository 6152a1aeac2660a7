"""Secret votes, the ballots issued for them, and signing keys"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "secret_votes",
        sa.Column("vote_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("board", sa.JSON(), nullable=False),
        sa.Column("shares", sa.JSON(), nullable=False),
        sa.Column("board_key", sa.String(), nullable=True),
        sa.Column("slot_key", sa.String(), nullable=True),
        sa.Column("ballot_key", sa.String(), nullable=True),
        sa.Column("manifest", sa.String(), nullable=True),
        sa.Column("manifest_signature", sa.String(), nullable=True),
        sa.Column("roll", sa.JSON(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("voided", sa.JSON(), nullable=False),
        sa.Column("trial", sa.Boolean(), nullable=False),
        sa.Column("closing", sa.String(), nullable=True),
        sa.Column("closing_signature", sa.String(), nullable=True),
        sa.Column("envelopes", sa.JSON(), nullable=False),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("invalid", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_secret_votes_meeting_id")),
        sa.ForeignKeyConstraint(["vote_id"], ["votes.id"], name=op.f("fk_secret_votes_vote_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("vote_id", name=op.f("pk_secret_votes")),
    )
    op.create_index(op.f("ix_secret_votes_meeting_id"), "secret_votes", ["meeting_id"])
    op.create_table(
        "issued_ballots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("vote_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("blinded", sa.JSON(), nullable=False),
        sa.Column("signed", sa.JSON(), nullable=False),
        sa.Column("void_slot", sa.String(), nullable=True),
        sa.Column("void_ballot", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_issued_ballots_meeting_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_issued_ballots_member_id")),
        sa.ForeignKeyConstraint(["vote_id"], ["votes.id"], name=op.f("fk_issued_ballots_vote_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_ballots")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_issued_ballots_vote_id"), "issued_ballots", ["vote_id"])
    op.create_table(
        "signing_keys",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_signing_keys")),
    )
