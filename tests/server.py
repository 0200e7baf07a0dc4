"""The product as it runs in production, for tests that know it from the outside only.

granian over TLS on a port of its own, a database of its own (on PostgreSQL where the tests have one), a Celery worker with
beat, and a mail server that keeps what it is given.
"""

import json
import os
import smtplib
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from psycopg import sql

from tests.authority import ServerCertificate, make_server_certificate
from tests.platform.processes import PYTHON, environment, free_port, manage, running, wait_for_port

OPERATOR_EMAIL = "olivia@travel0.example"
MAIL_SECONDS = 30
# Redis databases 0 and up belong to the tests' own processes; the servers they start use those from here on.
FIRST_REDIS_DATABASE = 32


@dataclass(frozen=True)
class ManagementClient:
    """The machine-to-machine application that bootstrap made."""

    client_id: str
    client_secret: str
    audience: str


@dataclass
class Mailbox:
    """Every mail that reached the mail server, oldest first."""

    messages: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802  # the name aiosmtpd calls
        content = envelope.original_content or b""
        self.messages.append(BytesParser(EmailMessage, policy=default).parsebytes(content))
        return "250 Kept"

    def wait_for(self, recipient: str, *, seconds: float = MAIL_SECONDS) -> EmailMessage:
        """Return the newest mail to somebody, as soon as there is one."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for message in self.messages[::-1]:
                if recipient in str(message["To"]):
                    return message
            time.sleep(0.1)
        raise AssertionError(f"no mail to {recipient} within {seconds} seconds")


@dataclass(frozen=True)
class RunningServer:
    """Where the product is, whom to trust, and who may do what. `issuer` ends in a slash, `base_url` does not."""

    issuer: str
    certificate: ServerCertificate
    operator_email: str
    operator_password: str
    management_client: ManagementClient
    mailbox: Mailbox
    environment: dict[str, str]
    folder: Path

    @property
    def base_url(self) -> str:
        return self.issuer.rstrip("/")

    @property
    def ca_file(self) -> Path:
        return self.certificate.ca_file

    def manage(self, *arguments: str) -> str:
        """Run `manage.py` on this installation and return what it printed."""
        return _manage(self.environment, *arguments)


@contextmanager
def running_server(folder: Path, *, workers: int = 2, **settings: str) -> Iterator[RunningServer]:
    """Install, bootstrap and start everything in a folder of its own; further `settings` win."""
    port, certificate, mailbox = free_port(), make_server_certificate(folder), Mailbox()
    with ExitStack() as stack:
        env = environment(
            folder,
            TENANT0_ISSUER=f"https://localhost:{port}/",
            EMAIL_URL=f"smtp://127.0.0.1:{stack.enter_context(_mail_server(mailbox))}",
            **stack.enter_context(_storage(folder)),
            **settings,
        )
        _manage(env, "migrate", "--verbosity=0")
        made = json.loads(_manage(env, "bootstrap", f"--operator-email={OPERATOR_EMAIL}", "--management-client=Tests"))
        log = folder / "server.log"
        serve = [PYTHON, "manage.py", "serve", f"--port={port}", f"--workers={workers}"]
        tls = [f"--tls-cert={certificate.certificate}", f"--tls-key={certificate.key}"]
        celery = [PYTHON, "-m", "celery", "-A", "tenant0", "worker", "--pool=solo", "--beat", "--loglevel=warning"]
        stack.enter_context(running([*celery, f"--schedule={folder / 'beat'}"], env=env, log=folder / "celery.log"))
        process = stack.enter_context(running([*serve, *tls], env=env, log=log))
        wait_for_port(port, process, log)
        client = made["management_client"]
        yield RunningServer(
            issuer=env["TENANT0_ISSUER"],
            certificate=certificate,
            operator_email=OPERATOR_EMAIL,
            operator_password=made["operator"]["password"],
            management_client=ManagementClient(client["client_id"], client["client_secret"], client["audience"]),
            mailbox=mailbox,
            environment=env,
            folder=folder,
        )


def _manage(env: dict[str, str], *arguments: str) -> str:
    ended = manage(*arguments, env=env)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@contextmanager
def _mail_server(mailbox: Mailbox) -> Iterator[int]:
    """Keep mails on a port of this machine."""
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as probe:
            probe.noop()
        yield port
    finally:
        controller.stop()


@contextmanager
def _storage(folder: Path) -> Iterator[dict[str, str]]:
    """Name a database of the server's own beside that of the tests, and a Redis database where there is one."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    settings = {}
    if redis_url := os.environ.get("REDIS_URL"):
        settings["REDIS_URL"] = f"{redis_url.rpartition('/')[0]}/{FIRST_REDIS_DATABASE + int(worker)}"
        settings["CELERY_BROKER_URL"] = settings["REDIS_URL"]
    address = urlsplit(os.environ["DATABASE_URL"])
    if address.scheme not in {"postgres", "postgresql"}:
        yield settings
        return
    name = f"server_{worker}_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(address._replace(scheme="postgresql").geturl(), autocommit=True) as administration:
        administration.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield {**settings, "DATABASE_URL": address._replace(path=f"/{name}").geturl()}
    finally:
        with psycopg.connect(address._replace(scheme="postgresql").geturl(), autocommit=True) as administration:
            # FORCE came with PostgreSQL 13; the server's processes have ended, a backend may still be on its way out.
            administration.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
