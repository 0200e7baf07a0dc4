"""Operators' sign-in and change of their own password. Attempts are counted; a stranger learns nothing."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm

from core import throttle
from core.actors import Actor, ActorKind
from core.audit import Subject, record
from core.client_address import client_ip
from core.errors import DomainError, Throttled
from core.throttle import Limit
from identity.addresses import find_canonical_email
from identity.services import operators


class SignInForm(AuthenticationForm):
    """E-mail and password of an operator.

    Failures are counted for the account from one address, for the account and for the address. Unknown account, wrong
    password and blocked account read and cost the same. Audits `s` and `fp`.
    """

    error_messages: ClassVar = {
        "invalid_login": _("The e-mail address or the password is wrong."),
        "inactive": _("The e-mail address or the password is wrong."),
    }

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["username"].label = _("E-mail address")
        self.fields["username"].widget.attrs.update(inputmode="email", autocomplete="username")
        self.fields["password"].max_length = 128

    def clean(self) -> dict[str, Any]:
        ip = client_ip(self.request)
        account = find_canonical_email(self.cleaned_data.get("username", "")) or ""
        limits = _limits(account, ip)
        try:
            throttle.check(*limits)
        except Throttled as refusal:
            raise ValidationError(refusal.message, code=refusal.code) from refusal
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError:
            for limit in limits:
                throttle.hit(limit)
            _audit(
                "fp",
                Actor(ActorKind.OPERATOR, "", account, ip, self._user_agent()),
                "Failed to sign in to the dashboard",
            )
            raise
        user = self.get_user()
        if user is not None:
            throttle.forget(*limits[:2])
            _audit(
                "s",
                Actor(ActorKind.OPERATOR, user.user_id, user.email, ip, self._user_agent()),
                "Signed in to the dashboard",
            )
        return cleaned

    def _user_agent(self) -> str:
        return str(self.request.headers.get("User-Agent", ""))


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """An operator's own password: the old one, and the new one twice."""

    actor: Actor
    user: Any

    def save(self, commit: bool = True) -> Any:
        # The changed operator: its new hash is what keeps this one session.
        self.user = operators.change_password(
            actor=self.actor, user=self.user, password=self.cleaned_data["new_password1"]
        )
        return self.user

    def refuse(self, refusal: DomainError) -> None:
        self.add_error("new_password1", refusal.message)


def _limits(account: str, ip: str) -> tuple[Limit, ...]:
    window = settings.LOGIN_ATTEMPTS_SECONDS
    return (
        Limit("operator", f"{account}|{ip}", settings.LOGIN_ATTEMPTS, window),
        Limit("operator-account", account, 10 * settings.LOGIN_ATTEMPTS, window),
        Limit("operator-address", ip, settings.LOGIN_ATTEMPTS_PER_ADDRESS, window),
    )


def _audit(event: str, actor: Actor, description: str) -> None:
    record(event, actor, Subject(target_type="operator", target_id=actor.identifier), description=description)
