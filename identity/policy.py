"""Questions about users and connections, without side effects."""

from identity.models import ApplicationConnection, Connection


def connection_accepts_new_users(connection: Connection) -> bool:
    """Whether an operator or the Management API may create users in a connection.

    It must be enabled for at least one application; being enabled for an organization alone is not enough.
    """
    return ApplicationConnection.objects.filter(connection=connection).exists()


def signup_allowed(connection: Connection) -> bool:
    """Whether the connection lets people sign themselves up when no organization is involved."""
    return not connection.options.get("disable_signup", False)
