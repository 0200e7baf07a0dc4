"""What the demo keeps on disk: its secrets, its database, its mail and its logs, in one folder."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ports:
    """Where the parts of the demo listen, all on loopback."""

    issuer: int
    hoekstra: int
    metahexa: int
    mail: int


@dataclass(frozen=True)
class Folder:
    """The demo's folder. Nothing in it is precious: `make demo-reset` removes it."""

    path: Path

    @property
    def mail(self) -> Path:
        return self.path / "mail"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    def prepare(self) -> None:
        for folder in (self.path, self.mail, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)

    def remember(self, name: str, value: object) -> None:
        """Keep what is shown once, so that a second start can show it again. On this machine only, for the demo only."""
        path = self.path / f"{name}.json"
        path.write_text(json.dumps(value, indent=2))
        path.chmod(0o600)

    def recall(self, name: str) -> object:
        path = self.path / f"{name}.json"
        return json.loads(path.read_text()) if path.exists() else None

    def secret(self, name: str) -> str:
        """Return a random secret, always the same one."""
        known = self.recall(f"secret-{name}")
        if isinstance(known, str):
            return known
        made = secrets.token_urlsafe(48)
        self.remember(f"secret-{name}", made)
        return made

    def environment(self, ports: Ports) -> dict[str, str]:
        """Return the settings that the demo's issuer and worker run with."""
        return {
            "TENANT0_ISSUER": f"http://localhost:{ports.issuer}/",
            "TENANT0_FRIENDLY_NAME": "Travel0",
            "SECRET_KEY": self.secret("key"),
            "DATABASE_URL": f"sqlite:///{self.path / 'tenant0.sqlite3'}",
            "REDIS_URL": "",
            "CELERY_BROKER_URL": "filesystem://",
            "CELERY_FILESYSTEM_FOLDER": str(self.path / "celery"),
            # The scheme takes the first slash off the path.
            "EMAIL_URL": f"filemail:///{self.mail}",
            "DEFAULT_FROM_EMAIL": "Travel0 <no-reply@travel0.example>",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "LOG_LEVEL": "info",
            "DEBUG": "false",
        }
