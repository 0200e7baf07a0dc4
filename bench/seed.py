"""The data that is measured on: applications m2m, web and spa, an API, users of one connection, one organization.

python -m bench.seed        migrate the database of DATABASE_URL and fill it, once
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenant0.settings")
django.setup()

from django.core.management import call_command  # noqa: E402  # Django must be set up first

from bench.values import AUDIENCE, CALLBACK, ORGANIZATION, PASSWORD, SCOPE, SECRET, USERS, email  # noqa: E402
from core import secrets  # noqa: E402
from core.actors import SYSTEM  # noqa: E402
from identity.models import Application  # noqa: E402
from identity.services.access import create_resource_server, grant_client, set_scopes  # noqa: E402
from identity.services.applications import create_application  # noqa: E402
from identity.services.connections import create_connection, enable_for_application  # noqa: E402
from identity.services.users import create_user  # noqa: E402
from oidc.keys import ensure_keys  # noqa: E402
from orgs.models import Organization  # noqa: E402
from orgs.services.connections import enable_connection  # noqa: E402
from orgs.services.memberships import add_members  # noqa: E402
from orgs.services.organizations import create_organization  # noqa: E402


def seed() -> str:
    """Fill an empty database, or leave a filled one; returns the organization's id."""
    call_command("migrate", verbosity=0)
    ensure_keys()
    if found := Organization.objects.filter(name=ORGANIZATION).first():
        return found.pk
    applications = [
        _application("m2m", "non_interactive"),
        _application("web", "regular_web"),
        _application("spa", "spa"),
    ]
    api = create_resource_server(actor=SYSTEM, identifier=AUDIENCE, name="Bench")
    set_scopes(actor=SYSTEM, resource_server=api, scopes={SCOPE: "everything"})
    grant_client(actor=SYSTEM, application=applications[0], resource_server=api, scope=[SCOPE])
    connection = create_connection(actor=SYSTEM, name="bench", strategy="auth0", options={"passwordPolicy": "none"})
    for application in applications[1:]:
        enable_for_application(actor=SYSTEM, connection=connection, application=application)
    organization = create_organization(actor=SYSTEM, name=ORGANIZATION, display_name="Bench")
    enable_connection(actor=SYSTEM, organization=organization, connection=connection)
    users = [create_user(actor=SYSTEM, connection=connection, email=email(n), password=PASSWORD) for n in range(USERS)]
    add_members(actor=SYSTEM, organization=organization, users=users)
    return organization.pk


def _application(client_id: str, app_type: str) -> Application:
    made = create_application(
        actor=SYSTEM,
        client_id=client_id,
        name=client_id,
        app_type=app_type,
        callbacks=[CALLBACK],
        organization_usage=Application.OrganizationUsage.ALLOW,
    )
    application = made.application
    # Known secrets, so that the load can be made without reading the database.
    application.client_secret_digest, application.client_secret_sealed = secrets.digest(SECRET), SECRET
    application.save(update_fields=["client_secret_digest", "client_secret_sealed"])
    return application


if __name__ == "__main__":
    print(seed())
