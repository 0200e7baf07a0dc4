"""`ServiceModelAdmin`: a list and a form whose every change goes through a service."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from core.actors import Actor
from core.dashboard.pages import actor_of, add_refusal, page, require, tabs_of
from core.dashboard.paging import CappedPaginator, keyset_page
from core.errors import DomainError
from core.models import AuditEvent

__all__ = ["ReadOnlyAdmin", "ServiceModelAdmin", "actor_of"]


class ServiceModelAdmin(ModelAdmin):
    """Saves and deletes through services, and tells what they refuse where it was typed.

    Subclasses write `create`, `update` and `remove`, each one call of a service. A `DomainError` raised by them
    rolls the whole request back; the form is then shown again with the refusal at the field at fault.
    """

    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    actions = None
    save_on_top = False
    change_form_outer_before_template: str | None = "dashboard/tabs.html"
    # What `AuditEvent.target_type` says of these objects, and which attribute is its `target_id`.
    audit_type: ClassVar[str] = ""
    audit_key: ClassVar[str] = "pk"
    # Where a service names a field otherwise than the form.
    error_fields: ClassVar[Mapping[str, str]] = {}
    # Pages of one object beside its form: path below it -> name of the method(request, obj).
    object_pages: ClassVar[Mapping[str, str]] = {}
    # Search: columns searched for any part, and columns compared as a whole.
    search_parts: ClassVar[Sequence[str]] = ()
    search_keys: ClassVar[Sequence[str]] = ()
    # How short a part may be; anything shorter is compared with the whole column. Large tables are searched by trigrams.
    shortest_part: ClassVar[int] = 1
    # What an empty list says: a sentence on what these things are for.
    empty_text: ClassVar[str | Promise] = ""
    empty_icon: ClassVar[str] = "inbox"

    # -- what subclasses write --------------------------------------------------------------------------------

    def create(self, actor: Actor, values: dict[str, Any]) -> Model:
        raise NotImplementedError

    def update(self, actor: Actor, obj: Any, changes: dict[str, Any]) -> None:
        raise NotImplementedError

    def remove(self, actor: Actor, obj: Any) -> None:
        raise NotImplementedError

    def consequences(self, obj: Any) -> list[str]:
        """Return sentences on what deleting an object takes along."""
        return []

    # -- saving -----------------------------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)  # type: ignore[no-any-return]
        except DomainError as refusal:
            # The transaction around the view is gone. The form is built again and refuses as the domain did.
            request.refusal = refusal  # type: ignore[attr-defined]  # read by `get_form` within this request
            return super().changeform_view(request, object_id, form_url, extra_context)  # type: ignore[no-any-return]

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        refusal: DomainError | None = getattr(request, "refusal", None)
        return form if refusal is None else _refusing(form, refusal, self.error_fields)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            changes = self.changes(form)
            if changes:
                self.update(actor_of(request), obj, changes)
            return
        made = self.create(actor_of(request), self.values(form))
        # The admin goes on with `obj`: it becomes what the service made.
        obj.__dict__.clear()
        obj.__dict__.update(made.__dict__)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing: services write related rows themselves."""

    def values(self, form: Any) -> dict[str, Any]:
        """Return what a valid form says of a new object, as the service's arguments."""
        return dict(form.cleaned_data)

    def changes(self, form: Any) -> dict[str, Any]:
        """Return what a valid form changes, as the service's arguments."""
        return {name: form.cleaned_data[name] for name in form.changed_data}

    # -- deleting ---------------------------------------------------------------------------------------------

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.remove(actor_of(request), obj)

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Any, Any]") -> None:
        with transaction.atomic():
            for obj in queryset:
                self.remove(actor_of(request), obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)  # type: ignore[no-any-return]
        except DomainError as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(self.url("change", unquote(object_id)))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Say in sentences what goes along: counting and listing every row of a large customer would take minutes."""
        lines = [line for obj in objs for line in self.consequences(obj)]
        return lines, {}, set(), []

    # -- searching and listing --------------------------------------------------------------------------------

    def __init_subclass__(cls, **arguments: Any) -> None:
        """Tell Django's admin that there is a search, which is all it does with the names."""
        super().__init_subclass__(**arguments)
        cls.search_fields = (*cls.search_parts, *cls.search_keys)

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any, Any]", search_term: str
    ) -> "tuple[QuerySet[Any, Any], bool]":
        """Search whole columns for keys and parts of the others, in the forms that their indexes serve."""
        term = search_term.strip()[:200]
        if not term:
            return queryset, False
        wanted = Q()
        comparison = "icontains" if len(term) >= self.shortest_part else "iexact"
        for name in self.search_parts:
            wanted |= Q(**{f"{name}__{comparison}": term})
        for name in self.search_keys:
            wanted |= Q(**{name: term})
        return queryset.filter(wanted), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type["_List"]:
        return _List

    # -- pages of one object ----------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<path:object_id>/{suffix}/",
                self.admin_site.admin_view(self._object_view(method)),
                name=f"{self.opts.app_label}_{self.opts.model_name}_{suffix.split('/')[0]}"
                + "".join("_" + part for part in suffix.split("/")[1:] if not part.startswith("<")),
            )
            for suffix, method in self.object_pages.items()
        ]
        return [*own, *super().get_urls()]

    def _object_view(self, method: str) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, object_id: str, **arguments: Any) -> HttpResponse:
            response: HttpResponse = getattr(self, method)(request, self.fetch(request, object_id), **arguments)
            return response

        return view

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        context |= {
            "object_tabs": tabs_of(request, obj, "overview") if obj is not None else [],
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Lead to the page of what was made: the next step is there."""
        if "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)  # type: ignore[no-any-return]
        messages.success(request, _("%(object)s was created.") % {"object": obj})
        return HttpResponseRedirect(self.url("change", obj.pk))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Stay at the object; the list is one click away."""
        if "_popup" in request.POST:
            return super().response_change(request, obj)  # type: ignore[no-any-return]
        messages.success(request, _("Your changes to %(object)s were saved.") % {"object": obj})
        return HttpResponseRedirect(self.url("change", obj.pk))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what the audit log holds of an object: who changed it, when and from where."""
        obj = self.fetch(request, object_id)
        self.require(request, "view")
        key = str(getattr(obj, self.audit_key))
        events = AuditEvent.objects.filter(target_type=self.audit_type, target_id=key)
        shown = keyset_page(request, events, descending=True)
        return page(self, request, "dashboard/history.html", {"page": shown}, obj=obj, tab="history")

    def fetch(self, request: HttpRequest, object_id: str) -> Any:
        """Return the object that a part of an address names, as Django's admin writes keys there; else 404."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        return obj

    def url(self, name: str, key: Any = None) -> str:
        """Return the address of a page of these objects: `changelist`, `add`, or `change`, `delete`, … of one."""
        arguments = [] if key is None else [quote(key)]
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=arguments)

    def require(self, request: HttpRequest, verb: str) -> None:
        """Refuse the request (403) unless the operator's role may do this to these objects."""
        require(request, f"{self.opts.app_label}.{verb}_{self.opts.model_name}")

    def may(self, request: HttpRequest, verb: str) -> bool:
        user: Any = request.user
        return bool(user.has_perm(f"{self.opts.app_label}.{verb}_{self.opts.model_name}"))

    # Django's own log of changes stays empty: the audit log has them all, those of the API too.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Nothing: the service has written the audit log."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Nothing: the service has written the audit log."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """Nothing: the service has written the audit log."""


class _List(ChangeList):
    """A list without the number of all rows, which would have to be counted."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.full_result_count = self.result_count


class ReadOnlyAdmin(ServiceModelAdmin):
    """A list and pages that show and change nothing."""

    def has_add_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _refusing(form: "type[ModelForm[Any]]", refusal: DomainError, fields: Mapping[str, str]) -> "type[ModelForm[Any]]":
    """Return the form class with what the domain refused added to its own validation."""

    class RefusedForm(form):  # type: ignore[misc, valid-type]  # a class made while running
        def _post_clean(self) -> None:
            super()._post_clean()
            add_refusal(self, refusal, fields)

    return RefusedForm
