"""What the login tests share: the browser, and the parameters of a usual authorization request."""

import pytest

from tests.cast import Company
from tests.page_driver import PageDriver

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.fixture
def browser() -> PageDriver:
    return PageDriver()


def asking(customer: Company, **changes: str) -> dict[str, str]:
    """Return the parameters that Travel0 sends; an empty change leaves a parameter out."""
    usual = {
        "client_id": customer.application.client_id,
        "redirect_uri": customer.redirect_uri,
        "response_type": "code",
        "scope": "openid profile email",
        "state": "a-state",
        "nonce": "a-nonce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "organization": customer.organization.pk,
    }
    return {name: value for name, value in {**usual, **changes}.items() if value}
