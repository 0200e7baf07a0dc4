"""`manage.py demo`: the whole product on this machine, with Travel0 and its customers loaded.

It needs no settings of its own: they are made here and given to a second process, which loads the data and starts the rest.
"""

import os
import shutil
import signal
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from tenant0.demo import travel0
from tenant0.demo.folder import Folder, Ports
from tenant0.demo.processes import Child, ChildDied, Family
from tenant0.management.commands.serve import check_port
from tenant0.setup import bootstrap

OPERATOR = "operator@travel0.example"
READY_SECONDS = 90


class Command(BaseCommand):
    help = "Run everything on this machine: issuer, worker, Travel0's two instances and a page with all mail."
    requires_system_checks = []  # noqa: RUF012  # as declared on the base class

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, port in (("port", 8000), ("hoekstra-port", 8001), ("metahexa-port", 8002), ("mail-port", 8025)):
            variable = f"TENANT0_DEMO_{name.replace('-', '_').upper()}"
            parser.add_argument(
                f"--{name}",
                type=int,
                # As text: the parser says which one is not a number.
                default=os.environ.get(variable, str(port)),
                help=f"default {port}, or the environment's {variable}",
            )
        parser.add_argument("--reset", action="store_true", help="forget everything first")
        parser.add_argument(
            "--folder", type=Path, default=settings.BASE_DIR / "var" / "demo", help="where data is kept"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        ports = Ports(options["port"], options["hoekstra_port"], options["metahexa_port"], options["mail_port"])
        folder = Folder(options["folder"].resolve())
        if os.environ.get("TENANT0_DEMO_INSIDE") == "1":
            self._run(folder, ports)
            return
        if options["reset"]:
            shutil.rmtree(folder.path, ignore_errors=True)
        _check_ports(ports)
        folder.prepare()
        # Settings are read when Django starts, so the demo's own begin with a process of their own.
        environment = {**os.environ, **folder.environment(ports), "TENANT0_DEMO_INSIDE": "1"}
        os.execve(sys.executable, [sys.executable, *sys.argv], environment)  # noqa: S606  # our own interpreter

    def _run(self, folder: Folder, ports: Ports) -> None:
        signal.signal(signal.SIGTERM, _stop)
        # A shell that starts us in the background makes us deaf to Ctrl-C.
        signal.signal(signal.SIGINT, _stop)
        self.stdout.write("Preparing the database …")
        call_command("migrate", verbosity=0)
        password = _bootstrap(folder)
        instances = travel0.load(ports)
        family = Family(folder.logs)
        try:
            for child in _children(folder, ports, instances):
                family.start(child)
            family.wait_until_ready(seconds=READY_SECONDS)
            self.stdout.write(_table(ports, password))
            family.watch()
        except KeyboardInterrupt:
            self.stdout.write("\nStopping …")
        except ChildDied as death:
            raise CommandError(str(death)) from death
        finally:
            # A second Ctrl-C must not leave anything behind.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            family.stop()


def _stop(*_args: Any) -> None:
    raise KeyboardInterrupt


def _check_ports(ports: Ports) -> None:
    named = {"--port": ports.issuer, "--hoekstra-port": ports.hoekstra, "--metahexa-port": ports.metahexa}
    for flag, port in {**named, "--mail-port": ports.mail}.items():
        try:
            check_port("127.0.0.1", port)
        except CommandError as error:
            raise CommandError(
                f"Port {port} is taken. Choose another one: make demo DEMO='{flag} {port + 100}'"
            ) from error


def _bootstrap(folder: Folder) -> str:
    made = bootstrap(operator_email=OPERATOR)
    if "password" in made["operator"]:
        folder.remember("operator", made["operator"]["password"])
    return str(folder.recall("operator"))


def _children(folder: Folder, ports: Ports, instances: list[travel0.Instance]) -> list[Child]:
    python = sys.executable
    manage = str(settings.BASE_DIR / "manage.py")
    issuer = f"http://localhost:{ports.issuer}/"
    celery = [python, "-m", "celery", "-A", "tenant0", "worker", "--pool=solo", "--beat", "--loglevel=warning"]
    children = [
        Child("issuer", [python, manage, "serve", "--port", str(ports.issuer)], {}, f"{issuer}readyz"),
        Child("worker", [*celery, "--schedule", str(folder.path / "beat")], {}),
        Child(
            "mail",
            [python, "-m", "tenant0.demo.mailbox", str(folder.mail), str(ports.mail)],
            {},
            f"http://127.0.0.1:{ports.mail}/",
        ),
    ]
    for instance in instances:
        environment = {
            "TRAVEL0_ISSUER": issuer,
            "TRAVEL0_CLIENT_ID": instance.client_id,
            "TRAVEL0_CLIENT_SECRET": instance.client_secret,
            "TRAVEL0_BASE_URL": instance.customer.base_url(instance.port),
            "TRAVEL0_CUSTOMER": instance.customer.display_name,
            "TRAVEL0_ORGANIZATION": instance.organization_id,
            "TRAVEL0_SECRET_KEY": folder.secret(instance.customer.organization),
        }
        command = [python, "-m", "examples.travel0", "--port", str(instance.port)]
        ready = f"http://127.0.0.1:{instance.port}/healthz"
        children.append(Child(instance.customer.organization, command, environment, ready))
    return children


def _table(ports: Ports, password: str) -> str:
    member = f"{travel0.HOEKSTRA.member[0]} / {travel0.MEMBER_PASSWORD}"
    other = f"{travel0.METAHEXA.member[0]} / {travel0.MEMBER_PASSWORD}"
    rows = [
        ("Dashboard", f"http://localhost:{ports.issuer}/admin/", f"{OPERATOR} / {password}"),
        ("Every sent mail", f"http://localhost:{ports.mail}/", ""),
        ("Hoekstra's Travel0", travel0.HOEKSTRA.base_url(ports.hoekstra) + "/", member),
        ("MetaHexa's Travel0", travel0.METAHEXA.base_url(ports.metahexa) + "/", other),
    ]
    lines = [f"  {name:<20} {address:<36} {who}".rstrip() for name, address, who in rows]
    return "\n".join(["", "tenant0 is ready.", "", *lines, "", "Ctrl-C stops everything; the data stays.", ""])
