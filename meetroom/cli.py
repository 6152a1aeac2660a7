"""The technician's commands: `python -m meetroom.cli <command>`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from pydantic import ValidationError

from config.settings import PREFIX, Settings

if TYPE_CHECKING:
    from meetroom.store.engine import Store

# Each command imports what it needs when it runs: a start is not slowed by what only another command uses.


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run and look after one meetroom server. Settings: config/default.toml, meetroom.toml in the data folder, MEETROOM_*."""
    os.umask(0o077)  # whatever a server writes is for its own account only


@main.command()
def serve() -> None:
    """Prepare what is missing, then run all processes until Ctrl-C."""
    from meetroom.operation import server
    from meetroom.operation.prepare import NotReady, busy_ports, demo_accounts, only_server, prepare

    settings = _settings()
    try:
        with only_server(settings):
            if busy := busy_ports(settings):
                raise NotReady("\n".join(busy))
            if not (settings.pages / "index.html").is_file():
                raise NotReady("the front end is not built: make build")
            prepared = prepare(settings)
            accounts = demo_accounts(settings, prepared, wanted=settings.demo)
            server.run(settings, prepared.certificates, accounts, _say)
    except NotReady as trouble:
        raise click.ClickException(str(trouble)) from trouble


@main.command()
def init() -> None:
    """Make folders, secrets, certificates and the database's tables, or bring them up to date."""
    from meetroom.operation.prepare import NotReady, prepare

    settings = _settings()
    try:
        prepared = prepare(settings)
    except NotReady as trouble:
        raise click.ClickException(str(trouble)) from trouble
    _say(f"prepared {settings.data_dir}; certificate valid until {prepared.certificates.server.expires:%Y-%m-%d}")


@main.command()
def demo() -> None:
    """Fill an empty database with demo data and name its accounts."""
    from meetroom.operation.prepare import NotReady, demo_accounts, prepare

    settings = _settings()
    try:
        prepared = prepare(settings)
    except NotReady as trouble:
        raise click.ClickException(str(trouble)) from trouble
    for line in demo_accounts(settings, prepared, wanted=True) or ["the database has people already; nothing was changed"]:
        _say(line)


@main.command()
@click.argument("username")
@click.option("--name", "full_name", help="Full name of a new person; default: the user name.")
@click.option("--role", default="admin", show_default=True, type=click.Choice(["admin", "secretary", "technician", "none"]),
              help="Role in the house of a new person.")  # fmt: skip
@click.password_option(help="At least 8 characters; asked for when not given.")
def user(username: str, full_name: str | None, role: str, password: str) -> None:
    """Create an account, or set the password of an existing one and end its sessions."""
    from meetroom.errors import Refusal
    from meetroom.operation.accounts import set_account

    try:
        new = set_account(_store(_settings()), username, password, full_name=full_name or username, house_role=role)
    except Refusal as no:
        reason = "the house needs an administrator first: --role admin" if no.code == "last_admin" else no.detail or ""
        raise click.ClickException(f"refused: {no.code}: {reason}") from no
    _say(f"{username}: " + ("account created" if new else "password set, sessions ended"))


@main.command()
def doctor() -> None:
    """Check this machine and say what to do; exit code 1 if something is bad."""
    from meetroom.operation.doctor import State, examine

    bad = False
    for finding in examine(_settings()):
        _say(f"{finding.state:<5} {finding.about:<13} {finding.sentence}")
        bad |= finding.state == State.BAD
    sys.exit(bad)


@main.command()
@click.option("--check", is_flag=True, help="Only compare; exit code 1 if the file in the tree is not fresh.")
def contract(check: bool) -> None:
    """Write the front end's types from the schemas."""
    from meetroom import contract

    if not contract.write(check=check):
        raise click.ClickException(f"{contract.FILE} is not fresh: make contract")


@main.command("export-journal")
@click.argument("meeting", type=int)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_journal(meeting: int, file: Path) -> None:
    """Write the journal of MEETING (its number; 0 is the house) to FILE, one entry per line."""
    from meetroom import journal

    with _store(_settings()).read() as session:
        if session.get(journal.Stream, meeting) is None:
            raise click.ClickException(f"there is no meeting {meeting}")
        with file.open("w", encoding="utf-8") as out:
            count = journal.export(session, meeting, out)
    _say(f"{count} entries in {file}")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path) -> None:
    """Check that no entry of an exported journal was changed, removed or moved. Needs no server."""
    from meetroom import journal

    try:
        with file.open(encoding="utf-8") as lines:
            count, head = journal.verify(lines)
    except (journal.Broken, UnicodeDecodeError) as broken:
        raise click.ClickException(f"the journal was changed: {broken}") from broken
    _say(f"{count} entries, unchanged; last hash {head}")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write database, papers, certificates and settings into one FILE; the server may run."""
    from meetroom.operation import backup

    try:
        size = backup.backup(_settings(), file)
    except (backup.BackupError, OSError) as trouble:
        raise click.ClickException(str(trouble)) from trouble
    _say(f"{file}: {size / 1e6:.1f} MB; it holds keys and password hashes, keep it safe")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Fill an empty data folder from a backup FILE."""
    from meetroom.operation import backup

    settings = _settings()
    try:
        moment = backup.restore(settings, file)
    except (backup.BackupError, OSError) as trouble:
        raise click.ClickException(str(trouble)) from trouble
    _say(f"restored {settings.data_dir} as it was at {moment}")


def _settings() -> Settings:
    try:
        return Settings.load()
    except ValidationError as error:
        lines = [f"{PREFIX}{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise click.ClickException("wrong settings\n" + "\n".join(lines)) from error
    except ValueError as error:  # a TOML file that is none
        raise click.ClickException(f"wrong settings\n{error}") from error


def _store(settings: Settings) -> "Store":
    from meetroom.operation.prepare import is_current
    from meetroom.store.engine import open_store

    if not is_current(settings):
        raise click.ClickException("the database is not there or of another version: python -m meetroom.cli init")
    return open_store(settings.database)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
