"""Alembic's entry: online only, on the same engines as the product."""

from alembic import context

from meetroom.store.engine import open_store
from meetroom.tables import metadata

store = open_store(context.config.get_main_option("sqlalchemy.url") or "")
with store.engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
store.close()
