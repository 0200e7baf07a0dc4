"""Operators' sign-in to the dashboard; end-users never pass here."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from identity.addresses import find_canonical_email
from identity.models import User
from identity.passwords import is_measurable, spend_one_hash


class OperatorBackend(BaseBackend):
    """Signs in operators by e-mail and password; an end-user has no password here and never passes."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_kwargs: Any,
    ) -> User | None:
        if username is None or password is None:
            return None
        address = find_canonical_email(username)
        if not is_measurable(password):
            return None
        user = User.objects.filter(email=address).exclude(operator_role="").first() if address else None
        if user is None:
            # An unknown name costs the same as a known one.
            spend_one_hash()
            return None
        return user if user.check_password(password) and user.is_operator else None

    def get_user(self, user_id: Any) -> User | None:
        return User.objects.filter(pk=user_id).exclude(operator_role="").first()
