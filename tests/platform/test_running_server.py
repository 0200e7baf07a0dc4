"""The product known from the outside only: TLS, tokens, the worker's mail, and the dashboard in Chromium."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.relying_party import HttpTransport
from tests.server import RunningServer, running_server
from tools.services import find

pytestmark = pytest.mark.xdist_group("running-server")

INVITE = """
from tests.cast import make_hoekstra, make_invitation
make_invitation(make_hoekstra(), "jennifer@hoekstra.example")
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture
def page(server: RunningServer) -> Iterator[Page]:
    """A page of a browser that trusts this server's key and finds every name of Travel0 on this machine."""
    flags = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
    flags.append(f"--ignore-certificate-errors-spki-list={server.certificate.pin}")
    flags.append("--host-resolver-rules=MAP *.travel0.test 127.0.0.1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find("chromium"), args=flags)
        yield browser.new_page()
        browser.close()


def test_it_is_an_issuer_over_tls(server: RunningServer) -> None:
    with HttpTransport(ca_file=str(server.ca_file)) as transport:
        answer = transport.send(f"{server.base_url}/.well-known/openid-configuration", headers={})
    assert answer.status == 200
    assert answer.json()["issuer"] == server.issuer


def test_it_is_trusted_by_its_authority_alone(server: RunningServer) -> None:
    with HttpTransport() as transport, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        transport.send(f"{server.base_url}/healthz", headers={})


def test_the_management_client_gets_a_token(server: RunningServer) -> None:
    client = server.management_client
    form = {
        "grant_type": "client_credentials",
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "audience": client.audience,
    }
    with HttpTransport(ca_file=str(server.ca_file)) as transport:
        answer = transport.send(f"{server.base_url}/oauth/token", headers={}, form=form)
    assert answer.status == 200
    assert "create:organization_invitations" in answer.json()["scope"].split()


def test_the_worker_sends_an_invitation(server: RunningServer) -> None:
    server.manage("shell", "--no-imports", "--command", INVITE)
    message = server.mailbox.wait_for("jennifer@hoekstra.example")
    text = message.get_body(("plain",))
    assert text is not None
    assert "https://thehoekstra.corp.travel0.test/login?invitation=" in text.get_content()


@pytest.mark.browser
def test_the_operator_signs_in_to_the_dashboard(server: RunningServer, page: Page) -> None:
    page.goto(f"{server.base_url}/admin/")
    page.fill("#id_username", server.operator_email)
    page.fill("#id_password", server.operator_password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="Organizations").first).to_be_visible()
