"""The migrations make exactly the tables the product uses, on both databases, and running them again changes nothing."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from meetroom.documents.tables import Job, Paper, PaperVersion
from meetroom.journal import HOUSE, Stream
from meetroom.store.engine import Store, open_store
from meetroom.store.migrate import config, is_current, upgrade
from meetroom.tables import metadata
from meetroom.voting.tables import RuleRow


def test_migrations_are_the_tables(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []


def test_migrating_again_changes_nothing(store: Store) -> None:
    url = store.engine.url.render_as_string(hide_password=False)
    upgrade(url)
    assert is_current(url)
    with store.read() as session:
        assert session.get(Stream, HOUSE) is not None
        codes = session.scalars(select(RuleRow.code)).all()
    assert len(codes) == len(set(codes)) > 0


def test_ids_are_never_given_twice(sqlite_store: Store) -> None:
    """A command that waited must not mean another row. PostgreSQL's sequences do that by themselves."""
    deletable = {"items", "votes", "points", "notes", "papers", "jobs", "members", "floor_requests", "receipts", "recordings"}
    with sqlite_store.engine.connect() as connection:
        made = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'").scalars().all()
    assert deletable <= set(made)


def test_papers_of_the_first_schema_become_versions_and_are_prepared_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    command.upgrade(config(url), "0007")
    old = open_store(url)
    with old.engine.begin() as connection:
        for statement in (
            "INSERT INTO people (id, full_name, position, house_role, active) VALUES (1, 'Đỗ Thị Linh', '', 'none', 1)",
            "INSERT INTO streams (id, revision, head) VALUES (1, 0, '')",
            "INSERT INTO meetings (id, title, kind, state, body, place, starts_at, quorum)"
            " VALUES (1, 'Kỳ họp', 'working', 'draft', '', '', '2026-12-08 01:00:00', '1/2')",
            "INSERT INTO items (id, meeting_id, position, title, kind, minutes, state)"
            " VALUES (4, 1, 0, 'Mục', 'speech', 5, 'pending')",
            "INSERT INTO papers (id, meeting_id, item_id, position, title, number, version, file, filename, size, state,"
            " withdrawn, page_count, added_at)"
            " VALUES (7, 1, 4, 0, 'Tờ trình', '', 3, 'f00d', 'to-trinh.pdf', 99, 'ready', 0, 2, '2026-12-01 01:00:00')",
            "INSERT INTO paper_pages (paper_id, number, sha256, width, height, size) VALUES (7, 1, 'a', 1600, 2263, 1)",
        ):
            connection.exec_driver_sql(statement)
    old.close()
    upgrade(url)
    new = open_store(url)
    with new.read() as session:
        paper, file, job = session.get(Paper, 7), session.get(PaperVersion, (7, 3)), session.scalars(select(Job)).one()
        assert paper is not None and file is not None
        assert (paper.version, paper.access["kind"], paper.secrecy) == (3, "all", "open")
        assert (file.file, file.filename, file.size, file.state, file.ready) == ("f00d", "to-trinh.pdf", 99, "queued", 0)
        assert job.payload == {"meeting_id": 1, "paper_id": 7, "version": 3}
    new.close()
