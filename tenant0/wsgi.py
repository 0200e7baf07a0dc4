"""The WSGI application: the machines' endpoints by a short way, everything else through the whole stack."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenant0.settings")

_everything = get_wsgi_application()

from oidc.front import Front  # noqa: E402  # the applications must be loaded first

application = Front(_everything)
