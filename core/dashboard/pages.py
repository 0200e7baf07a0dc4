"""Pages of the dashboard that are not a list or a form of Django's admin: tabs, confirmations, a value shown once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from core.actors import Actor, ActorKind
from core.client_address import client_ip
from core.errors import DomainError


@dataclass(frozen=True)
class Tab:
    """One of the pages that an object has."""

    key: str
    title: str
    url: str
    is_active: bool


@dataclass(frozen=True)
class Question:
    """What is asked before something that cannot be taken back, or that hurts. `consequences` are sentences."""

    title: str
    text: str
    button: str
    back: str
    consequences: list[str] = field(default_factory=list)
    is_dangerous: bool = True


@dataclass(frozen=True)
class Shown:
    """Values that are shown once: label, value; `text` says what to do with them."""

    title: str
    text: str
    values: list[tuple[str, str]]
    onward: str
    button: str


def actor_of(request: HttpRequest) -> Actor:
    """Return the signed-in operator as the author of a change."""
    user: Any = request.user
    return Actor(
        ActorKind.OPERATOR,
        user.user_id,
        user.email,
        ip=client_ip(request),
        user_agent=request.headers.get("User-Agent", ""),
    )


def require(request: HttpRequest, permission: str) -> None:
    """Refuse the request (403) unless the operator's role holds a permission such as `orgs.change_organization`."""
    user: Any = request.user
    if not user.has_perm(permission):
        raise PermissionDenied


def tabs_of(request: HttpRequest, obj: Model, active: str) -> list[Tab]:
    """Return the tabs of an object that the operator may open.

    `settings.DASHBOARD_TABS` names them by URL name, so that a page may link to one of an app above its own.
    """
    user: Any = request.user
    return [
        Tab(key, str(title), reverse(f"admin:{url_name}", args=[quote(obj.pk)]), key == active)
        for key, title, url_name, permission in settings.DASHBOARD_TABS.get(obj._meta.label_lower, [])
        if user.has_perm(permission)
    ]


def page(
    admin: Any,
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    obj: Model | None = None,
    tab: str = "",
) -> TemplateResponse:
    """Render a page in the dashboard's frame; with `obj`, under its tabs."""
    request.current_app = admin.admin_site.name
    frame = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": str(obj) if obj is not None else admin.opts.verbose_name_plural,
        "original": obj,
        "object_tabs": tabs_of(request, obj, tab) if obj is not None else [],
        "media": admin.media,
    }
    return TemplateResponse(request, template, {**frame, **context})


def confirm(
    admin: Any,
    request: HttpRequest,
    question: Question,
    act: Callable[[Actor], str | HttpResponse],
    *,
    obj: Model | None = None,
) -> HttpResponse:
    """Ask on GET and act on POST.

    `act` returns a message for the operator, who is led back, or a page of its own. A refusal of the domain is shown and
    nothing is written.
    """
    if request.method != "POST":
        return page(admin, request, "dashboard/confirm.html", {"question": question, "title": question.title}, obj=obj)
    try:
        with transaction.atomic():
            outcome = act(actor_of(request))
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return HttpResponseRedirect(question.back)
    if isinstance(outcome, HttpResponse):
        return outcome
    messages.success(request, outcome)
    return HttpResponseRedirect(question.back)


def submit(
    request: HttpRequest, form: BaseForm, act: Callable[[Actor], Any], *, fields: Mapping[str, str] | None = None
) -> Any:
    """Run `act` for a valid form and return what it returns; None when the form or the domain refuses.

    A refusal becomes an error of the field at fault (`fields` maps the service's names to the form's); nothing is written.
    """
    if not form.is_valid():
        return None
    try:
        with transaction.atomic():
            return act(actor_of(request))
    except DomainError as refusal:
        add_refusal(form, refusal, fields or {})
        return None


def add_refusal(form: Any, refusal: DomainError, fields: Mapping[str, str]) -> None:
    """Put what the domain says on the form: at the field at fault where the form has it."""
    name = fields.get(refusal.field or "", refusal.field)
    form.add_error(name if name in form.fields else None, refusal.message)


def show_once(admin: Any, request: HttpRequest, shown: Shown, *, obj: Model | None = None) -> HttpResponse:
    """Answer with values that are never shown again; no cache may keep the page."""
    response = page(admin, request, "dashboard/shown_once.html", {"shown": shown, "title": shown.title}, obj=obj)
    add_never_cache_headers(response)
    return response
