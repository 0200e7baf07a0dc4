"""The outbox, to be read; a message that was given up can be tried again."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from core import outbox
from core.actors import Actor
from core.audit import Subject, record
from core.dashboard.base import ReadOnlyAdmin
from core.dashboard.pages import Question, confirm
from core.models import OutboxMessage

_BADGES = {
    OutboxMessage.State.PENDING: "info",
    OutboxMessage.State.SENT: "success",
    OutboxMessage.State.DEAD: "danger",
    OutboxMessage.State.CANCELLED: "warning",
}


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyAdmin):
    """What waits to leave, what left, and what could not."""

    list_display = ("key", "kind", "state_badge", "attempts", "created_at", "finished_at", "last_error")
    list_filter = (("state", ChoicesDropdownFilter),)
    list_filter_submit = True
    search_keys = ("key", "kind", "shard")
    search_help_text = gettext_lazy("A key or a kind")
    ordering = ("-id",)
    sortable_by = ()
    change_form_outer_before_template = None
    fields = (
        "key",
        "kind",
        "state",
        "attempts",
        "last_error",
        "created_at",
        "available_at",
        "finished_at",
        "payload",
    )
    actions_detail = ("retry",)
    empty_text = gettext_lazy("Mails and events that leave the platform are listed here, with what became of them.")
    empty_icon = "outbox"

    @display(description=gettext_lazy("State"), label=_BADGES)
    def state_badge(self, message: OutboxMessage) -> tuple[str, Any]:
        return message.state, message.get_state_display()

    def has_retry_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "support")

    @action(description=gettext_lazy("Try again"), permissions=["retry"], icon="replay")
    def retry(self, request: HttpRequest, object_id: str) -> HttpResponse:
        message = self.fetch(request, object_id)
        question = Question(
            title=_("Try again?"),
            text=_("The message is delivered again at once if it was given up."),
            button=_("Try again"),
            back=self.url("changelist"),
            is_dangerous=False,
        )

        def act(actor: Actor) -> str:
            outbox.retry(message)
            subject = Subject(target_type="outbox_message", target_id=str(message.pk), details={"key": message.key})
            record("sapi", actor, subject, description="Tried a delivery again")
            return _("The message is on its way again.")

        return confirm(self, request, question, act, obj=message)
