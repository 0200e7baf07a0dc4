"""The image and the composition, as far as they can be looked at without a container engine."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.platform.processes import ROOT, environment, manage

DOCKERFILE = (ROOT / "Dockerfile").read_text()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A folder with what the last stage copies of the project."""
    folder = tmp_path / "image"
    folder.mkdir()
    for source, target in re.findall(r"^COPY (?!--from)(\S+) (\./\S*)$", DOCKERFILE, re.MULTILINE):
        path, goal = ROOT / source, folder / target
        if path.is_dir():
            shutil.copytree(path, goal, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, goal)
    return folder


def test_the_image_holds_all_that_runs(image: Path, tmp_path: Path) -> None:
    env = environment(tmp_path)
    for command in (
        ["migrate", "--verbosity=0"],
        ["bootstrap", "--operator-email=olivia@travel0.example"],
        ["check", "--database", "default"],
        ["makemigrations", "--check", "--dry-run"],
        ["compilemessages", "--help"],
    ):
        ended = manage(*command, env=env, folder=image)
        assert ended.returncode == 0, ended.stderr


def test_the_image_runs_as_nobody_special_and_tells_its_health() -> None:
    stages = DOCKERFILE.split("FROM ")[1:]
    assert len(stages) == 2
    assert re.search(r"^USER (?!root)\w+$", stages[1], re.MULTILINE)
    assert "/healthz" in stages[1]
    assert "--require-hashes" in stages[0]


def test_nothing_private_is_sent_to_the_builder() -> None:
    ignored = set((ROOT / ".dockerignore").read_text().split())
    assert {".git", ".env", "var", ".venv"} <= ignored


def test_the_composition_has_several_of_what_can_be_several() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert services["web"]["deploy"]["replicas"] > 1
    assert services["worker"]["deploy"]["replicas"] > 1
    assert {"db", "redis", "setup", "web", "worker", "beat"} == set(services)
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["setup"]["condition"] == "service_completed_successfully"
    assert all("healthcheck" in services[name] for name in ("db", "redis"))
