"""`manage.py keys list|rotate|revoke`: the signing keys at the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _

from core.actors import SYSTEM
from core.errors import DomainError
from oidc import keys
from oidc.models import SigningKey


class Command(BaseCommand):
    help = str(_("List, rotate or revoke the keys that sign tokens."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help=str(_("Show every key and its state.")))
        verbs.add_parser("rotate", help=str(_("Let the next key sign; the former one stays published.")))
        revoke = verbs.add_parser("revoke", help=str(_("Stop publishing a previous key.")))
        revoke.add_argument("kid")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            if options["verb"] == "rotate":
                keys.rotate_keys(actor=SYSTEM)
            elif options["verb"] == "revoke":
                keys.revoke_key(actor=SYSTEM, kid=options["kid"])
        except DomainError as error:
            raise CommandError(error.message) from error
        keys.ensure_keys()
        for key in SigningKey.objects.all():
            self.stdout.write(f"{key.kid}  {_state(key):9} {key.created_at:%Y-%m-%d %H:%M}")


def _state(key: SigningKey) -> str:
    if key.revoked_at:
        return "revoked"
    if key.current_until:
        return "previous"
    return "current" if key.current_since else "next"
