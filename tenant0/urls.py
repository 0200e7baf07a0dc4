"""Every public path on one screen, but for `/healthz` and `/readyz`, which the health middleware answers."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("login.urls")),
    path("", include("oidc.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "tenant0.failures.bad_request"
handler403 = "tenant0.failures.forbidden"
handler404 = "tenant0.failures.not_found"
handler500 = "tenant0.failures.server_error"
