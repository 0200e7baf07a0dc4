"""The cast of Travel0: its two customers, the people in them, an outsider and an operator, all made by the services.

Functions make one piece each; the fixtures below give the pieces that most tests begin with.
"""

from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import pytest

from core.actors import Actor, ActorKind
from identity.models import Application, Connection, OperatorRole, Role, User
from identity.services.access import create_role
from identity.services.applications import CreatedApplication, create_application
from identity.services.connections import create_connection, enable_for_application
from identity.services.operators import create_operator
from identity.services.users import create_user
from invitations.models import Invitation
from invitations.services import invite_member
from orgs.models import Organization, OrganizationConnection
from orgs.services.connections import enable_connection
from orgs.services.memberships import add_members
from orgs.services.organizations import create_organization

# Who acts in the tests, as the audit log names them.
OPERATOR: Final = Actor(ActorKind.OPERATOR, "operator|olivia", "Olivia Operator", ip="192.0.2.10", user_agent="pytest")
VISITOR: Final = Actor(ActorKind.END_USER, "", "", ip="198.51.100.7", user_agent="pytest")

JENNIFER: Final = "jennifer@hoekstra.example"
AMINTHA: Final = "amintha@metahexa.example"
OUTSIDER: Final = "mallory@elsewhere.example"
PASSWORD: Final = "Corporate-Booking-7"

_numbers = count(1)


@dataclass(frozen=True)
class Company:
    """One customer of Travel0 with its own application and its own database connection."""

    organization: Organization
    application: Application
    client_secret: str
    connection: Connection
    link: OrganizationConnection

    @property
    def redirect_uri(self) -> str:
        return str(self.application.callbacks[0])

    @property
    def login_uri(self) -> str:
        return self.application.initiate_login_uri


def travel0_application(host: str, **fields: Any) -> CreatedApplication:
    """Register an instance of Travel0 Corporate Booking at `host`; `fields` win over the usual ones."""
    usual = {
        "name": f"Travel0 Corporate Booking at {host}",
        "initiate_login_uri": f"https://{host}/login",
        "callbacks": [f"https://{host}/login/callback"],
        "allowed_logout_urls": [f"https://{host}/"],
        "web_origins": [f"https://{host}"],
        "organization_usage": Application.OrganizationUsage.ALLOW,
    }
    return create_application(actor=OPERATOR, **{**usual, **fields})


def database_connection(name: str, *, application: Application | None = None, **options: Any) -> Connection:
    """Create a database connection, enabled for `application` where one is given."""
    connection = create_connection(actor=OPERATOR, name=name, strategy="auth0", options=options)
    if application is not None:
        enable_for_application(actor=OPERATOR, connection=connection, application=application)
    return connection


def company(
    name: str,
    display_name: str,
    *,
    connection_name: str,
    application_fields: dict[str, Any] | None = None,
    connection_options: dict[str, Any] | None = None,
    link_options: dict[str, bool] | None = None,
) -> Company:
    """Set up a customer: organization, application, connection, and the connection enabled for both."""
    made = travel0_application(f"{name}.corp.travel0.test", **(application_fields or {}))
    connection = database_connection(connection_name, application=made.application, **(connection_options or {}))
    organization = create_organization(actor=OPERATOR, name=name, display_name=display_name)
    link = enable_connection(actor=OPERATOR, organization=organization, connection=connection, **(link_options or {}))
    return Company(organization, made.application, made.client_secret, connection, link)


def make_hoekstra(**settings: Any) -> Company:
    """Hoekstra & Associates, whose people sign in with a password."""
    return company("thehoekstra", "Hoekstra & Associates", connection_name="hoekstra-db", **settings)


def make_metahexa(**settings: Any) -> Company:
    """MetaHexa Bank; a second customer, for whatever must not cross over."""
    return company("metahexa", "MetaHexa Bank", connection_name="metahexa-db", **settings)


def make_user(connection: Connection, email: str, *, password: str | None = PASSWORD, **fields: Any) -> User:
    """Create a user of a database connection whose address is verified."""
    return create_user(
        actor=OPERATOR, connection=connection, email=email, password=password, **{"email_verified": True, **fields}
    )


def make_member(customer: Company, email: str, *, roles: tuple[Role, ...] = (), **fields: Any) -> User:
    """Create a user of a company's connection who is a member of its organization."""
    user = make_user(customer.connection, email, **fields)
    add_members(actor=OPERATOR, organization=customer.organization, users=[user], roles=roles)
    return user


def make_operator(role: str = OperatorRole.OWNER, *, email: str = "", password: str = PASSWORD) -> User:
    """Hire an operator of the dashboard."""
    address = email or f"operator{next(_numbers)}@travel0.example"
    return create_operator(actor=OPERATOR, email=address, role=role, password=password).user


def make_role(name: str = "") -> Role:
    return create_role(actor=OPERATOR, name=name or f"Role {next(_numbers)}")


def make_invitation(customer: Company, email: str = JENNIFER, **arguments: Any) -> Invitation:
    """Invite somebody to a company's organization through its application."""
    return invite_member(
        actor=OPERATOR,
        organization=customer.organization,
        application=customer.application,
        email=email,
        inviter_name="Pieter Hoekstra",
        **arguments,
    )


@pytest.fixture
def hoekstra(db: None) -> Company:
    return make_hoekstra()


@pytest.fixture
def metahexa(db: None) -> Company:
    return make_metahexa()


@pytest.fixture
def jennifer(hoekstra: Company) -> User:
    """A member of Hoekstra & Associates."""
    return make_member(hoekstra, JENNIFER)


@pytest.fixture
def outsider(hoekstra: Company) -> User:
    """Somebody whom Hoekstra's connection knows, but who is no member of any organization."""
    return make_user(hoekstra.connection, OUTSIDER)


@pytest.fixture
def owner(db: None) -> User:
    """An operator who may do everything."""
    return make_operator(OperatorRole.OWNER)
