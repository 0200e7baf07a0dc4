"""Every public path on one screen."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from tenant0.health import healthz, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("login.urls")),
    path("", include("oidc.urls")),
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("readyz", readyz),
]

handler400 = "tenant0.failures.bad_request"
handler403 = "tenant0.failures.forbidden"
handler404 = "tenant0.failures.not_found"
handler500 = "tenant0.failures.server_error"
