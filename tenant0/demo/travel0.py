"""Travel0 and its two customers, loaded through the services an operator's clicks go through. Safe to call again."""

from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from core.actors import SYSTEM
from identity.models import Application, Connection, Role
from identity.services.access import create_resource_server, create_role, set_role_permissions
from identity.services.applications import create_application, reveal_secret, update_application
from identity.services.connections import create_connection, enable_for_application
from identity.services.users import create_user
from orgs.models import Organization
from orgs.services.connections import enable_connection
from orgs.services.memberships import add_members
from orgs.services.organizations import create_organization
from tenant0.demo.folder import Ports


@dataclass(frozen=True)
class Customer:
    """A customer of Travel0 with its own organization, application and connection."""

    organization: str
    display_name: str
    host: str
    connection: str
    primary_color: str
    page_background_color: str
    logo: str
    member: tuple[str, str]

    @property
    def short_name(self) -> str:
        return self.display_name.partition(" ")[0]

    def base_url(self, port: int) -> str:
        return f"http://{self.host}:{port}"


@dataclass(frozen=True)
class Instance:
    """What one instance of Travel0 Corporate Booking must know to start."""

    customer: Customer
    port: int
    organization_id: str
    client_id: str
    client_secret: str


HOEKSTRA: Final = Customer(
    organization="thehoekstra",
    display_name="Hoekstra & Associates",
    host="hoekstra.localhost",
    connection="hoekstra-users",
    primary_color="#0f6b4f",
    page_background_color="#e8f2ee",
    logo="demo/hoekstra.svg",
    member=("pieter@hoekstra.example", "Pieter Hoekstra"),
)
METAHEXA: Final = Customer(
    organization="metahexa",
    display_name="MetaHexa Bank",
    host="metahexa.localhost",
    connection="metahexa-users",
    primary_color="#b3261e",
    page_background_color="#f6eceb",
    logo="demo/metahexa.svg",
    member=("ngozi@metahexa.example", "Ngozi Eze"),
)
MEMBER_PASSWORD: Final = "Corporate-Travel-1"
API_IDENTIFIER: Final = "https://api.travel0.example/bookings"


def load(ports: Ports) -> list[Instance]:
    """Load what is missing and bring URLs in line with the ports; returns what the instances need."""
    with transaction.atomic():
        _roles()
        return [
            _customer(HOEKSTRA, ports.hoekstra, ports.issuer),
            _customer(METAHEXA, ports.metahexa, ports.issuer),
        ]


def _roles() -> None:
    if Role.objects.filter(name="Travel manager").exists():
        return
    scopes = {"read:bookings": "Read bookings", "create:bookings": "Book trips", "approve:bookings": "Approve trips"}
    api = create_resource_server(actor=SYSTEM, identifier=API_IDENTIFIER, name="Travel0 Bookings API", scopes=scopes)
    traveller = create_role(actor=SYSTEM, name="Traveller", description="Books own trips")
    manager = create_role(actor=SYSTEM, name="Travel manager", description="Approves trips of the company")
    set_role_permissions(
        actor=SYSTEM, role=traveller, permissions=api.permissions.filter(value__in=["read:bookings", "create:bookings"])
    )
    set_role_permissions(actor=SYSTEM, role=manager, permissions=api.permissions.all())


def _customer(customer: Customer, port: int, issuer_port: int) -> Instance:
    base = customer.base_url(port)
    application = _application(customer, base)
    connection = _connection(customer, application)
    organization = Organization.objects.filter(name=customer.organization).first()
    if organization is None:
        organization = create_organization(
            actor=SYSTEM,
            name=customer.organization,
            display_name=customer.display_name,
            primary_color=customer.primary_color,
            page_background_color=customer.page_background_color,
            logo_url=f"http://localhost:{issuer_port}/static/{customer.logo}",
        )
        enable_connection(actor=SYSTEM, organization=organization, connection=connection)
        _member(customer, organization, connection)
    return Instance(
        customer=customer,
        port=port,
        organization_id=organization.pk,
        client_id=application.client_id,
        client_secret=reveal_secret(actor=SYSTEM, application=application),
    )


def _application(customer: Customer, base: str) -> Application:
    urls: dict[str, Any] = {
        "initiate_login_uri": f"{base}/login",
        "callbacks": [f"{base}/login/callback"],
        "allowed_logout_urls": [f"{base}/"],
    }
    name = f"Travel0 Corporate Booking ({customer.short_name})"
    existing = Application.objects.filter(name=name).first()
    if existing is None:
        created = create_application(
            actor=SYSTEM,
            name=name,
            description="The booking site of one customer",
            organization_usage=Application.OrganizationUsage.REQUIRE,
            grant_types=["authorization_code", "refresh_token"],
            token_endpoint_auth_method=Application.AuthMethod.POST,
            **urls,
        )
        return created.application
    changed = {field: value for field, value in urls.items() if getattr(existing, field) != value}
    return update_application(actor=SYSTEM, application=existing, **changed) if changed else existing


def _connection(customer: Customer, application: Application) -> Connection:
    existing = Connection.objects.filter(name=customer.connection).first()
    if existing is not None:
        return existing
    connection = create_connection(
        actor=SYSTEM,
        name=customer.connection,
        strategy="auth0",
        display_name=f"{customer.display_name} users",
        options={"passwordPolicy": "good", "password_dictionary": {"enable": True}, "disable_signup": True},
    )
    enable_for_application(actor=SYSTEM, connection=connection, application=application)
    return connection


def _member(customer: Customer, organization: Organization, connection: Connection) -> None:
    email, name = customer.member
    user = create_user(
        actor=SYSTEM,
        connection=connection,
        email=email,
        password=MEMBER_PASSWORD,
        email_verified=True,
        profile={"name": name},
    )
    add_members(actor=SYSTEM, organization=organization, users=[user], roles=[Role.objects.get(name="Travel manager")])
