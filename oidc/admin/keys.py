"""Signing keys: which one signs, which is next; rotate and revoke. Owners alone."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from core.actors import Actor
from core.dashboard.base import ReadOnlyAdmin
from core.dashboard.pages import Question, confirm
from oidc import keys
from oidc.models import SigningKey

_BADGES = {"current": "success", "next": "info", "previous": "warning", "revoked": "danger"}


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnlyAdmin):
    """The keys that sign tokens. No private part leaves the database."""

    list_display = ("kid", "alg", "state_badge", "created_at", "current_since", "current_until", "revoked_at")
    search_keys = ("kid",)
    ordering = ("-id",)
    sortable_by = ()
    change_form_outer_before_template = None
    fields = ("kid", "alg", "created_at", "current_since", "current_until", "revoked_at")
    audit_type = "signing_key"
    audit_key = "kid"
    actions_list = ("rotate",)
    actions_detail = ("revoke",)
    empty_text = gettext_lazy("Keys are made when the first token is signed.")
    empty_icon = "vpn_key"

    @display(description=gettext_lazy("State"), label=_BADGES)
    def state_badge(self, key: SigningKey) -> tuple[str, Any]:
        if key.revoked_at:
            return "revoked", _("revoked")
        if key.current_until:
            return "previous", _("previous")
        return ("current", _("signs now")) if key.current_since else ("next", _("next"))

    def has_rotate_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "change")

    def has_revoke_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "change")

    @action(description=gettext_lazy("Rotate keys"), permissions=["rotate"], icon="autorenew")
    def rotate(self, request: HttpRequest) -> HttpResponse:
        question = Question(
            title=_("Rotate the signing keys?"),
            text=_("The next key signs from now on, and a new next key is made."),
            button=_("Rotate keys"),
            back=self.url("changelist"),
            consequences=[_("Tokens signed before stay good: the former key stays published until you revoke it.")],
        )

        def act(actor: Actor) -> str:
            keys.rotate_keys(actor=actor)
            return _("The keys were rotated.")

        return confirm(self, request, question, act)

    @action(description=gettext_lazy("Revoke"), permissions=["revoke"], icon="block")
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        key = self.fetch(request, object_id)
        question = Question(
            title=_("Revoke the key %(kid)s?") % {"kid": key.kid},
            text=_("It leaves the published key set."),
            button=_("Revoke"),
            back=self.url("change", key.pk),
            consequences=[_("Every token it signed is refused from now on.")],
        )

        def act(actor: Actor) -> str:
            keys.revoke_key(actor=actor, kid=key.kid)
            return _("The key was revoked.")

        return confirm(self, request, question, act, obj=key)
