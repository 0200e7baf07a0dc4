"""Where a request came from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """Return the caller's address.

    X-Forwarded-For is believed only for as many hops as `TENANT0_TRUSTED_PROXIES` says, counted from the right: what stands
    further left was written by the caller. Anything that is not an address falls back to the connection's own.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    trusted: int = settings.TENANT0_TRUSTED_PROXIES
    if not trusted:
        return direct
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    if len(hops) < trusted:
        return direct
    try:
        return str(ipaddress.ip_address(hops[-trusted]))
    except ValueError:
        return direct
