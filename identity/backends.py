"""Operators' sign-in to the dashboard; end-users never pass here."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from identity.models import User


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
        user = User.objects.filter(email=username.strip().lower()).exclude(operator_role="").first()
        if user is None:
            # An unknown name costs the same as a known one.
            make_password(password)
            return None
        return user if user.check_password(password) and user.is_operator else None

    def get_user(self, user_id: Any) -> User | None:
        return User.objects.filter(pk=user_id).exclude(operator_role="").first()
