import tomllib
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.settings import DEFAULTS, Settings


def test_every_setting_has_a_default_with_its_meaning() -> None:
    assert set(tomllib.loads(DEFAULTS.read_text())) == set(Settings.model_fields)
    paragraphs = DEFAULTS.read_text().strip().split("\n\n")
    assert all(paragraph.startswith("#") for paragraph in paragraphs)


def test_environment_wins_over_the_data_folder_over_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "meetroom.toml").write_text('port = 9000\nlanguage = "en"\n')
    monkeypatch.setenv("MEETROOM_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MEETROOM_PORT", "9001")
    settings = Settings.load()
    assert (settings.port, settings.language, settings.udp_port) == (9001, "en", 44300)


def test_a_child_process_reads_the_same_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    announce = (IPv4Address("10.1.2.3"), IPv4Address("192.168.7.8"))
    given = Settings(data_dir=tmp_path, announce=announce, demo=False, public_name="hop.local")  # type: ignore[call-arg]
    for name, value in given.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings.load() == given


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "0"), ("PORT", "https"), ("BIND", "everywhere"), ("LANGUAGE", "fr"), ("ANNOUNCE", "10.0.0.1,here"),
     ("HTTP_PORT", "8443"), ("SESSION_HOURS", "0"), ("PUBLIC_NAME", "hop https://"),
     ("TURN_URLS", "http://turn"), ("TURN_MINUTES", "1"), ("METRICS_TOKEN", "short")],
)  # fmt: skip
def test_a_wrong_value_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv("MEETROOM_DATA_DIR", str(tmp_path))
    monkeypatch.setenv(f"MEETROOM_{name}", value)
    with pytest.raises(ValidationError):
        Settings.load()


@pytest.mark.parametrize("line", ["prot = 9000", 'data_dir = "elsewhere"'])
def test_a_name_that_means_nothing_in_meetroom_toml_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "meetroom.toml").write_text(line)
    with pytest.raises(ValueError, match=line.split()[0]):
        Settings(data_dir=tmp_path)  # type: ignore[call-arg]


def test_the_media_token_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")  # type: ignore[call-arg]
    token = settings.media_token_file.read_text()
    assert len(bytes.fromhex(token)) == 32
    assert settings.media_token_file.read_text() == token
    assert settings.media_token_file.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in settings.data_dir.iterdir()] == ["media.token"]
