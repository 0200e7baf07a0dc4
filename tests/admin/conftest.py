"""Operators with a browser, and how tests name the dashboard's pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.utils import quote
from django.test import Client
from django.urls import reverse

from identity.models import OperatorRole, User
from tests.cast import make_operator


def at(name: str, *keys: Any) -> str:
    """Return the address of a page of the dashboard; keys are written as Django's admin writes them."""
    return reverse(f"admin:{name}", args=[quote(key) for key in keys])


@pytest.fixture
def browser_of(db: None) -> Callable[[str], Client]:
    """Sign in an operator of a role and return the browser."""

    def sign_in(role: str) -> Client:
        client = Client()
        client.force_login(make_operator(role))
        return client

    return sign_in


@pytest.fixture
def browser(owner: User) -> Client:
    """The browser of an owner."""
    client = Client(REMOTE_ADDR="192.0.2.44", headers={"user-agent": "Dashboard test"})
    client.force_login(owner)
    return client


@pytest.fixture(params=list(OperatorRole.values))
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)
