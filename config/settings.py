"""Every setting of one server. Entry points read it and pass on what a part needs; nothing else imports this module."""

import os
import secrets
from ipaddress import IPv4Address
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

ROOT = Path(__file__).resolve().parent.parent
DEFAULTS = ROOT / "config" / "default.toml"
PREFIX = "MEETROOM_"

Port = Annotated[int, Field(ge=1, le=65535)]
HostName = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^([a-z0-9-]+(\.[a-z0-9-]+)*)?$")]


TurnUrl = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^turns?:[\w.:\[\]-]+(\?transport=(udp|tcp))?$")]


class Settings(BaseSettings):
    """Read from config/default.toml, then meetroom.toml in the data folder, then MEETROOM_* in the environment.

    default.toml says what each one means and in which unit. Raises pydantic.ValidationError for a wrong value or an
    unknown name, and tomllib.TOMLDecodeError for a broken file.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    data_dir: Path
    pages_dir: Path
    bind: IPv4Address
    port: Port
    http_port: Port
    udp_port: Port
    box_port: Port
    announce: Annotated[tuple[IPv4Address, ...], NoDecode]
    public_name: HostName
    database_url: Annotated[str, Field(repr=False)]  # may hold a password
    language: Literal["vi", "en"]
    session_hours: Annotated[int, Field(ge=1, le=24 * 30)]
    login_attempts: Annotated[int, Field(ge=1)]
    login_window_minutes: Annotated[int, Field(ge=1)]
    upload_mb: Annotated[int, Field(ge=1)]
    upload_pages: Annotated[int, Field(ge=1)]
    papers_days: Annotated[int, Field(ge=0, le=3650)]
    turn_urls: Annotated[tuple[TurnUrl, ...], NoDecode]
    turn_secret: Annotated[str, Field(repr=False)]
    turn_minutes: Annotated[int, Field(ge=5, le=7 * 24 * 60)]
    metrics_token: Annotated[str, Field(repr=False), StringConstraints(pattern=r"^([!-~]{16,})?$")]
    log_level: Literal["debug", "info", "warning", "error"]
    demo: bool

    @classmethod
    def load(cls) -> Self:
        return cls()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        defaults = TomlConfigSettingsSource(settings_cls, DEFAULTS)
        data_dir = (defaults() | env_settings() | init_settings())["data_dir"]
        own = TomlConfigSettingsSource(settings_cls, ROOT / data_dir / "meetroom.toml")
        if "data_dir" in own():
            raise ValueError(f"{ROOT / data_dir / 'meetroom.toml'}: data_dir cannot be set in the folder it names")
        return init_settings, env_settings, own, defaults

    @field_validator("data_dir")
    @classmethod
    def _from_the_project(cls, value: Path) -> Path:
        return ROOT / value

    @field_validator("announce", "turn_urls", mode="before")
    @classmethod
    def _by_commas(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _tcp_ports_differ(self) -> Self:
        ports = {"port": self.port, "http_port": self.http_port, "box_port": self.box_port}
        for name, other in combinations(ports, 2):
            if ports[name] == ports[other]:
                raise ValueError(f"{name} and {other} are both {ports[name]}; they must differ")
        return self

    def environment(self) -> dict[str, str]:
        """The same settings as environment variables, for a child process."""
        values = self.model_dump(mode="json")
        return {
            PREFIX + name.upper(): ",".join(value) if isinstance(value, list) else str(value) for name, value in values.items()
        }

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the database in use."""
        return self.database_url or f"sqlite:///{self.sqlite}"

    @property
    def sqlite(self) -> Path:
        """The embedded database, in use when `database_url` is empty."""
        return self.data_dir / "meetroom.sqlite"

    @property
    def blobs(self) -> Path:
        """Folder of papers and page images, by content hash."""
        return self.data_dir / "blobs"

    @property
    def recordings(self) -> Path:
        """Folder of recordings, `<meeting>-<recording>.webm`, written by the media node on this machine."""
        return self.data_dir / "recordings"

    @property
    def certificates(self) -> Path:
        return self.data_dir / "certificates"

    @property
    def ca_certificate(self) -> Path:
        return self.certificates / "ca.pem"

    @property
    def certificate(self) -> Path:
        return self.certificates / "server.pem"

    @property
    def certificate_key(self) -> Path:
        return self.certificates / "server.key"

    @property
    def media_token_file(self) -> Path:
        """What a media node shows when it dials in: 32 random bytes in hex, made on first use, readable by the owner."""
        return _secret(self.data_dir / "media.token")

    @property
    def turn_key(self) -> str:
        """What this server and its TURN servers share: `turn_secret`, or else 32 random bytes in hex in the data folder."""
        return self.turn_secret or _secret(self.data_dir / "turn.secret").read_text().strip()

    @property
    def box(self) -> Path:
        """Folder of the Box: its key, and a file for each secret vote that runs. Never in a backup, see operation/backup.py."""
        return self.data_dir / "box"

    @property
    def box_key_file(self) -> Path:
        """What the Box signs receipts and closings with, PEM; made by `prepare`."""
        return self.box / "box.key"

    @property
    def box_socket(self) -> Path:
        """Where the web process tells the Box what votes there are."""
        return self.run / "box.sock"

    @property
    def run(self) -> Path:
        """Folder of what lives only while the server runs."""
        return self.data_dir / "run"

    @property
    def pages(self) -> Path:
        """The built front end."""
        return ROOT / self.pages_dir

    @property
    def local_url(self) -> str:
        """How a process on this machine reaches the web process; the certificate is valid for it."""
        host = "127.0.0.1" if self.bind.is_unspecified else self.bind
        return f"https://{host}:{self.port}"


def _secret(path: Path) -> Path:
    """Made whole under another name and then linked, so that of two processes at once both read the same one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path
