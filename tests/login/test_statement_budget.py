"""How many statements a sign-in with a password sends to PostgreSQL: four that read, one that writes."""

import json
from pathlib import Path
from typing import Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.models import User
from tests.cast import JENNIFER, PASSWORD, Company
from tests.login.conftest import asking
from tests.page_driver import PageDriver

BUDGET: Final = json.loads((Path(__file__).parents[2] / "bench" / "budgets.json").read_text())["login"]["sql"]
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="the budget is that of PostgreSQL"),
]


def test_a_sign_in(browser: PageDriver, hoekstra: Company, jennifer: User) -> None:
    page = browser.open("/authorize", **asking(hoekstra))
    with CaptureQueriesContext(connection) as captured:
        assert browser.submit(page, username=JENNIFER, password=PASSWORD).status == 303
    assert len(captured) <= BUDGET, [query["sql"] for query in captured.captured_queries]
