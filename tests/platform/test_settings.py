"""Settings: every one is listed, and a missing or bad one stops the start with its name."""

import itertools
import re
from pathlib import Path

import pytest

from tests.platform.processes import ROOT, environment, manage


def check(folder: Path, **changes: str) -> tuple[int, str]:
    ended = manage("check", env=environment(folder, **changes))
    return ended.returncode, ended.stderr


def test_the_example_lists_every_setting_and_no_other() -> None:
    read = set(
        re.findall(r"(?:env\.\w+|positive|switch)\(\s*\"([A-Z_0-9]+)\"", (ROOT / "tenant0" / "settings.py").read_text())
    )
    listed = set(re.findall(r"^#?([A-Z_0-9]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    # Read by compose.yaml only.
    assert listed - {"POSTGRES_PASSWORD"} == read


def test_every_line_of_the_example_is_explained() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    unexplained = [
        line
        for before, line in itertools.pairwise(lines)
        if re.match(r"#?[A-Z_0-9]+=", line) and not before.startswith("#")
    ]
    assert unexplained == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TENANT0_ISSUER", ""),
        ("TENANT0_ISSUER", "auth.example.com"),
        ("TENANT0_ISSUER", "https://auth.example.com"),
        ("TENANT0_ISSUER", "https://auth.example.com/tenant/"),
        ("TENANT0_ISSUER", "ftp://auth.example.com/"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("EMAIL_TIMEOUT", "0"),
        ("LOGIN_ATTEMPTS", "many"),
        ("TENANT0_TRUSTED_PROXIES", "-1"),
        ("TENANT0_CA_BUNDLE", "/nowhere/ca.pem"),
        ("LOG_LEVEL", "loud"),
        ("DEBUG", "perhaps"),
        ("DATABASE_URL", "mysql://db/tenant0"),
        ("DATABASE_URL", "postgres://user:password@db:port/tenant0"),
        ("REDIS_URL", "localhost:6379"),
        ("EMAIL_URL", "carrier-pigeon://"),
    ],
)
def test_a_bad_value_stops_the_start_with_its_name(tmp_path: Path, name: str, value: str) -> None:
    code, said = check(tmp_path, **{name: value})
    assert code != 0
    assert name in said.strip().splitlines()[-1]


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("0123456789abcdef" * 4)
    assert check(tmp_path, SECRET_KEY="", SECRET_KEY_FILE=str(tmp_path / "secret")) == (0, "")
