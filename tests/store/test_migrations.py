"""The migrations make exactly the tables the product uses, on both databases, and running them again changes nothing."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from meetroom.journal import HOUSE, Stream
from meetroom.store.engine import Store
from meetroom.store.migrate import is_current, upgrade
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
