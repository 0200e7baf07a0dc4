"""The paths of the protocol endpoints."""

from django.urls import path

from oidc.endpoints.authorize import authorize, resume
from oidc.endpoints.discovery import jwks, metadata
from oidc.endpoints.logout import auth0_logout, confirmed_logout, rp_logout
from oidc.endpoints.revoke import revoke
from oidc.endpoints.token import token
from oidc.endpoints.userinfo import userinfo

urlpatterns = [
    path(".well-known/openid-configuration", metadata, name="oidc-discovery"),
    path(".well-known/oauth-authorization-server", metadata),
    path(".well-known/jwks.json", jwks, name="oidc-jwks"),
    path("authorize", authorize, name="oidc-authorize"),
    path("authorize/resume", resume, name="oidc-resume"),
    path("oauth/token", token, name="oidc-token"),
    path("oauth/revoke", revoke, name="oidc-revoke"),
    path("userinfo", userinfo, name="oidc-userinfo"),
    path("v2/logout", auth0_logout, name="oidc-auth0-logout"),
    path("oidc/logout", rp_logout, name="oidc-logout"),
    path("oidc/logout/confirm", confirmed_logout, name="oidc-logout-confirm"),
]
