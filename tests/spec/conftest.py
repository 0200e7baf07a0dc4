"""The parties of the protocol's tests."""

from tests.oidc.conftest import _fresh_keys, api, party, public_party  # noqa: F401  # fixtures for every test here
