"""Questions about a login in progress, without side effects."""

from identity import policy as identity_policy
from identity.models import Connection
from identity.strategies import strategy_class
from identity.strategies.base import PasswordStrategy
from login.models import LoginTransaction
from orgs import policy as orgs_policy


def connections_of(transaction: LoginTransaction) -> list[Connection]:
    """Return the connections that count: the pinned one, else the organization's, else the application's."""
    if transaction.connection is not None:
        return [transaction.connection]
    if transaction.organization is not None:
        return [link.connection for link in orgs_policy.connections_for(transaction.organization)]
    return list(Connection.objects.filter(applicationconnection__application=transaction.application).order_by("name"))


def password_connections(transaction: LoginTransaction) -> list[Connection]:
    """Return those of them whose password is asked for on our own page."""
    return [connection for connection in connections_of(transaction) if asks_for_password(connection)]


def asks_for_password(connection: Connection) -> bool:
    return issubclass(strategy_class(connection.strategy), PasswordStrategy)


def signup_connection(transaction: LoginTransaction) -> Connection | None:
    """Return the connection in which a person may sign up now, or None."""
    for connection in password_connections(transaction):
        if transaction.organization is None:
            if identity_policy.signup_allowed(connection):
                return connection
        else:
            link = orgs_policy.find_enabled_connection(transaction.organization, connection)
            if link is not None and orgs_policy.signup_allowed(link):
                return connection
    return None
