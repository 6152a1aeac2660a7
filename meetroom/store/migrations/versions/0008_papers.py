"""Versions of papers, their blobs and words, who may read what, receipts per tablet"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

import meetroom.store.tables

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = meetroom.store.tables.Utc(timezone=True)
EVERYBODY = '{"kind": "all", "roles": [], "member_ids": []}'
OF_FILE: tuple[sa.Column[Any], ...] = (
    sa.Column("file", sa.String(), nullable=False, server_default=""),
    sa.Column("filename", sa.String(), nullable=False, server_default=""),
    sa.Column("size", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("state", sa.String(), nullable=False, server_default="queued"),
    sa.Column("reason", sa.String(), nullable=True),
    sa.Column("page_count", sa.Integer(), nullable=False, server_default="0"),
)

NEWEST = sa.text(
    "INSERT INTO paper_versions"
    " (paper_id, number, file, filename, size, media_type, state, page_count, ready, toc, added_at)"
    " VALUES (:id, :version, :file, :filename, :size, 'application/pdf', 'queued', 0, 0, '[]', :added_at)"
)
JOB = sa.text("INSERT INTO jobs (kind, payload, attempts) VALUES ('first_page', :payload, 0)")


def of_version(table: str) -> tuple[Any, ...]:
    return (
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id", "version"], ["paper_versions.paper_id", "paper_versions.number"],
            name=op.f(f"fk_{table}_paper_id"), ondelete="CASCADE",
        ),
    )  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "paper_versions",
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.Column("ready", sa.Integer(), nullable=False),
        sa.Column("manifest", sa.String(), nullable=True),
        sa.Column("toc", sa.JSON(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_paper_versions_paper_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("paper_id", "number", name=op.f("pk_paper_versions")),
    )
    op.create_index(op.f("ix_paper_versions_file"), "paper_versions", ["file"], unique=False)
    keep_files()
    op.drop_table("paper_pages")
    op.create_table(
        "paper_pages",
        *of_version("paper_pages"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("large", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("tiles", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("text", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("paper_id", "version", "number", name=op.f("pk_paper_pages")),
    )
    op.create_table(
        "paper_blobs",
        sa.Column("sha256", sa.String(), nullable=False),
        *of_version("paper_blobs"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "paper_id", "version", name=op.f("pk_paper_blobs")),
    )
    op.create_index(op.f("ix_paper_blobs_version"), "paper_blobs", ["paper_id", "version"], unique=False)
    op.create_table(
        "page_texts",
        *of_version("page_texts"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("paper_id", "version", "number", name=op.f("pk_page_texts")),
    )
    op.add_column("items", sa.Column("access", sa.JSON(), nullable=False, server_default=EVERYBODY))
    op.add_column("papers", sa.Column("access", sa.JSON(), nullable=False, server_default=EVERYBODY))
    op.add_column("papers", sa.Column("secrecy", sa.String(), nullable=False, server_default="open"))
    for column in OF_FILE:
        op.drop_column("papers", column.name)
    op.execute("DELETE FROM receipts")  # of pages that tablets have under other names now
    with op.batch_alter_table("receipts", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_constraint(op.f("uq_receipts_paper_id_member_id"), type_="unique")
        batch_op.drop_column("pages")
        batch_op.add_column(sa.Column("device", sa.String(), nullable=False))
        batch_op.add_column(sa.Column("held", sa.String(), nullable=False))
        batch_op.create_unique_constraint(op.f("uq_receipts_paper_id_member_id_device"), ["paper_id", "member_id", "device"])


def keep_files() -> None:
    """Every paper's file is its newest version, and is prepared once more: page images are made otherwise now."""
    connection = op.get_bind()
    papers = connection.execute(sa.text("SELECT id, meeting_id, version, file, filename, size, added_at FROM papers")).mappings()
    for paper in papers.all():
        connection.execute(NEWEST, dict(paper))
        payload = {"meeting_id": paper["meeting_id"], "paper_id": paper["id"], "version": paper["version"]}
        connection.execute(JOB, {"payload": json.dumps(payload)})


def downgrade() -> None:
    """Files and papers stay, their pages are to be prepared again."""
    op.execute("DELETE FROM receipts")
    with op.batch_alter_table("receipts", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_constraint(op.f("uq_receipts_paper_id_member_id_device"), type_="unique")
        batch_op.drop_column("held")
        batch_op.drop_column("device")
        batch_op.add_column(sa.Column("pages", sa.Integer(), nullable=False))
        batch_op.create_unique_constraint(op.f("uq_receipts_paper_id_member_id"), ["paper_id", "member_id"])
    for column in OF_FILE:
        op.add_column("papers", column._copy())
    newest = "FROM paper_versions WHERE paper_id = papers.id AND number = papers.version"
    op.execute("DELETE FROM papers WHERE version = 0")
    op.execute(
        f"UPDATE papers SET file = (SELECT file {newest}), filename = (SELECT filename {newest}), size = (SELECT size {newest})"
    )
    for of, name in (("papers", "secrecy"), ("papers", "access"), ("items", "access")):
        op.drop_column(of, name)
    for table in ("page_texts", "paper_blobs", "paper_pages", "paper_versions"):
        op.drop_table(table)
    op.create_table(
        "paper_pages",
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_paper_pages_paper_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("paper_id", "number", name=op.f("pk_paper_pages")),
    )
    op.create_index(op.f("ix_paper_pages_sha256"), "paper_pages", ["sha256"], unique=False)
