"""`manage.py serve`: the web server, granian, with as many processes as asked for."""

import socket
import ssl
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

# Threads a process answers requests with. Django holds the interpreter's lock most of the time, so more would only wait;
# these cover waiting for the database, and one slow request does not hold up the rest.
THREADS = 4


class Command(BaseCommand):
    help = "Serve tenant0."
    requires_system_checks = []  # noqa: RUF012  # as declared on the base class

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default 8000)")
        parser.add_argument("--workers", type=int, default=1, help="number of processes (default 1)")
        parser.add_argument("--threads", type=int, default=THREADS, help=f"threads a process (default {THREADS})")
        parser.add_argument("--tls-cert", type=Path, help="PEM file of the certificate and its chain")
        parser.add_argument("--tls-key", type=Path, help="PEM file of the private key")

    def handle(self, *_args: Any, **options: Any) -> None:
        check_tls(options["tls_cert"], options["tls_key"])
        check_port(options["host"], options["port"])
        if options["workers"] > 1 and not settings.REDIS_URL:
            self.stderr.write("Without REDIS_URL each process counts attempts for itself; set it or use --workers 1.")
        Server(
            "tenant0.wsgi:application",
            address=options["host"],
            port=options["port"],
            interface=Interfaces.WSGI,
            workers=options["workers"],
            blocking_threads=options["threads"],
            websockets=False,
            log_level=LogLevels.warning,
            ssl_cert=options["tls_cert"],
            ssl_key=options["tls_key"],
            # A process that dies is replaced rather than taking the others with it.
            respawn_failed_workers=True,
            # Seconds that requests in progress may take to end.
            workers_kill_timeout=20,
        ).serve()


def check_tls(certificate: Path | None, key: Path | None) -> None:
    """Both or neither, and both readable; raises `CommandError`."""
    if (certificate is None) != (key is None):
        raise CommandError("--tls-cert and --tls-key belong together.")
    if certificate is None or key is None:
        return
    for path in (certificate, key):
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        raise CommandError(f"{certificate} and {key} are not a certificate and its key: {error}") from error


def check_port(host: str, port: int) -> None:
    """Raise `CommandError` when the port cannot be listened on, before any process is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {host} port {port}: {error.strerror}. Choose another --port."
            ) from error
