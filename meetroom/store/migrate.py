"""Bring a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from meetroom.store.engine import open_store

FOLDER = Path(__file__).with_name("migrations")


def config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str) -> None:
    """Run every migration that this database has not seen; each is one transaction."""
    command.upgrade(config(url), "head")


def is_current(url: str) -> bool:
    """Whether the database has seen every migration."""
    store = open_store(url)
    try:
        with store.engine.connect() as connection:
            here = MigrationContext.configure(connection).get_current_revision()
        return here == ScriptDirectory.from_config(config(url)).get_current_head()
    finally:
        store.close()
