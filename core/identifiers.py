"""Public identifiers: a prefix that names the kind, then random letters and digits.

The shapes are those that clients of the Management API validate. Nothing secret is made here.
"""

import secrets
import string

ALPHANUMERIC = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


def random_alphanumeric(length: int) -> str:
    """Return `length` random letters and digits from the system's source of randomness."""
    return "".join(secrets.choice(ALPHANUMERIC) for _ in range(length))


def new_organization_id() -> str:
    return "org_" + random_alphanumeric(16)


def new_connection_id() -> str:
    return "con_" + random_alphanumeric(16)


def new_role_id() -> str:
    return "rol_" + random_alphanumeric(16)


def new_client_grant_id() -> str:
    return "cgr_" + random_alphanumeric(16)


def new_invitation_id() -> str:
    return "uinv_" + random_alphanumeric(16)


def new_client_id() -> str:
    return random_alphanumeric(32)


def new_object_id() -> str:
    """Return 24 hexadecimal digits: the form of database subjects and resource servers."""
    return secrets.token_hex(12)


def new_session_id() -> str:
    """Return a public session id, the `sid` claim of OIDC Back-Channel Logout 1.0 section 2.1."""
    return random_alphanumeric(32)
