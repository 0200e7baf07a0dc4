"""`manage.py bootstrap`: what a new installation needs before anybody can sign in to it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError

from core.errors import DomainError
from tenant0.setup import bootstrap


class Command(BaseCommand):
    help = (
        "Make the signing keys, the first operator and, if asked for, a client of the Management API. Safe to repeat."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--operator-email", required=True, help="address of the first operator, who becomes an owner"
        )
        parser.add_argument("--operator-password", help="their password (default: a random one, printed once)")
        parser.add_argument(
            "--management-client", metavar="NAME", help="make an application with every Management API scope"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            made = bootstrap(
                operator_email=options["operator_email"],
                operator_password=options["operator_password"],
                management_client=options["management_client"],
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(f"The database is away or has no tables yet; run migrate first. ({error})") from error
        self.stdout.write(json.dumps(made, indent=2))
