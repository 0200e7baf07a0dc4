"""An instance starts with an environment that can work, and names what is wrong with any other."""

import pytest

from examples.travel0.config import Config, ConfigurationError
from examples.travel0.store import MemoryStore

ENVIRONMENT = {
    "TRAVEL0_ISSUER": "http://localhost:8000/",
    "TRAVEL0_CLIENT_ID": "client",
    "TRAVEL0_CLIENT_SECRET": "secret",
    "TRAVEL0_BASE_URL": "http://hoekstra.localhost:8001/",
    "TRAVEL0_CUSTOMER": "Hoekstra & Associates",
    "TRAVEL0_SECRET_KEY": "0123456789abcdef" * 2,
}


def test_it_reads_the_demos_environment() -> None:
    config = Config.from_environment(ENVIRONMENT)

    assert config.login_url == "http://hoekstra.localhost:8001/login"
    assert config.callback_url == "http://hoekstra.localhost:8001/login/callback"
    assert config.logged_out_url == "http://hoekstra.localhost:8001/"
    assert config.organization is None
    assert not config.is_https
    assert "secret" not in repr(config).replace("client_secret", "")


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_it_names_a_missing_value(name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        Config.from_environment(ENVIRONMENT | {name: " "})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRAVEL0_ISSUER", "https://auth.travel0.net"),
        ("TRAVEL0_ISSUER", "http://auth.travel0.net/"),
        ("TRAVEL0_ISSUER", "https://user@auth.travel0.net/"),
        ("TRAVEL0_ISSUER", "auth.travel0.net/"),
        ("TRAVEL0_BASE_URL", "http://hoekstra.corp.travel0.net"),
        ("TRAVEL0_BASE_URL", "https://corp.travel0.net/hoekstra"),
        ("TRAVEL0_BASE_URL", "https://corp.travel0.net/?a=b"),
        ("TRAVEL0_SECRET_KEY", "short"),
        ("TRAVEL0_CA_BUNDLE", "/nowhere/ca.pem"),
    ],
)
def test_it_names_a_value_that_will_not_do(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        Config.from_environment(ENVIRONMENT | {name: value})


def test_the_store_forgets_what_is_old_and_never_outgrows_its_capacity() -> None:
    now = [0.0]
    store = MemoryStore(capacity=2, clock=lambda: now[0])
    for name in ("a", "b", "c"):
        store.set(name, name, 10)
    assert [store.get(name) for name in ("a", "b", "c")] == [None, "b", "c"]

    now[0] = 10
    assert [store.get(name) for name in ("b", "c")] == [None, None]
