"""The dashboard's pages of tokens (to be read) and signing keys."""

from oidc.admin.keys import SigningKeyAdmin
from oidc.admin.tokens import AccessTokenAdmin, GrantAdmin, IDTokenAdmin, RefreshTokenAdmin

__all__ = ["AccessTokenAdmin", "GrantAdmin", "IDTokenAdmin", "RefreshTokenAdmin", "SigningKeyAdmin"]
