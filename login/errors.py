"""How a login ends badly. `oidc.errors` alone decides whether it is shown or redirected."""


class LoginRefused(Exception):
    """The login may not go on.

    `error` is a registered name (RFC 6749 section 4.1.2.1, OIDC Core 1.0 section 3.1.2.6, or Auth0's `unauthorized`),
    `description` Auth0's text for it.
    """

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


class TransactionLost(Exception):
    """There is no login in progress under this state in this browser: unknown, expired, finished or another browser's."""
