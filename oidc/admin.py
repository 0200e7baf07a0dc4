"""The dashboard's read-only pages of codes and tokens."""

from typing import TYPE_CHECKING

from unfold.admin import ModelAdmin

from oidc.models import AccessToken, Grant, IDToken, RefreshToken

if TYPE_CHECKING:
    _GrantAdmin = ModelAdmin[Grant]
    _AccessTokenAdmin = ModelAdmin[AccessToken]
    _RefreshTokenAdmin = ModelAdmin[RefreshToken]
    _IDTokenAdmin = ModelAdmin[IDToken]
else:
    _GrantAdmin = _AccessTokenAdmin = _RefreshTokenAdmin = _IDTokenAdmin = ModelAdmin


class GrantAdmin(_GrantAdmin):
    pass


class AccessTokenAdmin(_AccessTokenAdmin):
    pass


class RefreshTokenAdmin(_RefreshTokenAdmin):
    pass


class IDTokenAdmin(_IDTokenAdmin):
    pass
