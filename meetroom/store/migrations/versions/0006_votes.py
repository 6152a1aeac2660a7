"""Votes with several questions, methods and policies; rules that came to the catalogue"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op

import meetroom.store.tables
import meetroom.voting

CATALOGUE = Path(meetroom.voting.__file__).with_name("catalogue.toml")

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

Utc = meetroom.store.tables.Utc
VOTES: tuple[sa.Column[Any], ...] = (
    sa.Column("method", sa.String(), nullable=False, server_default="named"),
    sa.Column("questions", sa.JSON(), nullable=False, server_default="[]"),
    sa.Column("live", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("deadline", Utc(timezone=True), nullable=True),
    sa.Column("policy", sa.String(), nullable=False, server_default="absent"),
    sa.Column("extend_seconds", sa.Integer(), nullable=False, server_default="30"),
    sa.Column("extended_at", Utc(timezone=True), nullable=True),
    sa.Column("revote_of", sa.Integer(), nullable=True),
    sa.Column("running", sa.JSON(), nullable=True),
    sa.Column("results", sa.JSON(), nullable=True),
)
ELECTORS: tuple[sa.Column[Any], ...] = (
    sa.Column("answers", sa.JSON(), nullable=True),
    sa.Column("opinion", sa.String(), nullable=True),
    sa.Column("paper", sa.Boolean(), nullable=False, server_default=sa.false()),
)
TITLES = {"for": "Tán thành", "against": "Không tán thành", "abstain": "Không biểu quyết"}

votes = sa.table(
    "votes", sa.column("id"), sa.column("title"), sa.column("result", sa.JSON), sa.column("rule", sa.JSON),
    sa.column("questions", sa.JSON), sa.column("results", sa.JSON),
)  # fmt: skip
electors = sa.table("electors", sa.column("choice"), sa.column("answers", sa.JSON))
names = ("id", "code", "name_vi", "name_en")
catalogue = sa.table("vote_rules", *(sa.column(name) for name in names), sa.column("rule", sa.JSON))
# What a rule says of which nothing stands in the catalogue.
USUAL = {
    "quorum_of": "present", "tie": "fails", "dismissal": None, "substitutes": False, "decimals": 2, "valid_to": None,
}  # fmt: skip


def upgrade() -> None:
    for table, columns in (("votes", VOTES), ("electors", ELECTORS)):
        for column in columns:
            op.add_column(table, column._copy())
    connection = op.get_bind()
    for row in connection.execute(sa.select(votes.c.id, votes.c.title, votes.c.rule, votes.c.result)).all():
        results = [result(row.result, row.rule)] if row.result else None
        values = {"questions": [question(row.title)], "results": results if results else sa.null()}
        connection.execute(sa.update(votes).where(votes.c.id == row.id).values(values))
    for choice in TITLES:
        connection.execute(sa.update(electors).where(electors.c.choice == choice).values(answers=[[choice]]))
    op.drop_column("votes", "result")
    op.drop_column("electors", "choice")
    known = set(connection.scalars(sa.select(catalogue.c.code)))
    missing = [rule for rule in rules() if rule["code"] not in known]
    if missing:
        op.bulk_insert(catalogue, missing)
    for dated in (catalogue, votes):
        for id, rule in connection.execute(sa.select(dated.c.id, dated.c.rule)).all():
            connection.execute(sa.update(dated).where(dated.c.id == id).values(rule={**USUAL, **rule}))


def question(title: str) -> dict[str, Any]:
    options = [{"code": code, "title": name, "member_id": None} for code, name in TITLES.items()]
    return {"title": title, "kind": "approve", "options": options, "most": 1, "member_id": None}


def result(old: dict[str, Any], rule: dict[str, Any]) -> dict[str, Any]:
    counts = [old["for_"], old["against"], old["abstain"]]
    same = {name: old[name] for name in ("no_ballot", "base", "needed", "all_members", "electorate", "quorum_met")}
    percents = [f"{(n * 20000 + old['base']) // (old['base'] * 2) / 100:.2f}" if old["base"] else "0" for n in counts]
    outcome = "passed" if old["passed"] else "failed"
    new = {"counts": counts, "percents": percents, "valid": sum(counts), "invalid": 0, "dismissal_needed": None}
    return {**same, **new, "tie": False, "outcome": outcome, "chosen": []}


def rules() -> list[dict[str, Any]]:
    """The catalogue as rows."""
    rows = []
    for rule in tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["rule"]:
        dated = {name: value.isoformat() if isinstance(value, date) else value for name, value in rule.items()}
        names = {name: dated.pop(name) for name in ("name_vi", "name_en")}
        rows.append({"code": rule["code"], **names, "rule": dated})
    return rows


def downgrade() -> None:
    """Counted results and ballots of the new kinds have no place in the old tables and are lost."""
    op.add_column("votes", sa.Column("result", sa.JSON(), nullable=True))
    op.add_column("electors", sa.Column("choice", sa.String(), nullable=True))
    for table, columns in (("votes", VOTES), ("electors", ELECTORS)):
        for column in reversed(columns):
            op.drop_column(table, column.name)
