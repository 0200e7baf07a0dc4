"""Redirect URIs match exactly; the placeholder stands for the organization and nothing else."""

import pytest

from identity.uris import callback_allowed

PLAIN = "https://travel0.example/callback"
PLACED = "https://{organization_name}.travel0.example/callback"


@pytest.mark.parametrize(
    "uri",
    [
        PLAIN + "/",
        PLAIN + "?x=1",
        PLAIN + "#x",
        PLAIN.upper(),
        PLAIN.replace("https", "http"),
        PLAIN.replace("travel0", "travel0.example.evil"),
        PLAIN.replace("//", "//user@"),
        PLAIN.replace("/callback", ":443/callback"),
        PLAIN.replace("/callback", "/../callback"),
        PLAIN.replace("callback", "%63allback"),
        PLAIN[:-1],
        "",
    ],
)
def test_anything_but_the_registered_text_is_refused(uri: str) -> None:
    assert callback_allowed(PLAIN, [PLAIN], organization_name=None)
    assert not callback_allowed(uri, [PLAIN], organization_name="thehoekstra")


def test_the_placeholder_is_the_organization_of_the_request() -> None:
    uri = "https://thehoekstra.travel0.example/callback"
    assert callback_allowed(uri, [PLACED], organization_name="thehoekstra")
    assert not callback_allowed(uri, [PLACED], organization_name="metahexa")
    assert not callback_allowed(uri, [PLACED], organization_name=None)


@pytest.mark.parametrize("label", ["{organization_name}", "evil.thehoekstra", "thehoekstra.evil", "xthehoekstra", ""])
def test_the_placeholder_takes_no_other_label(label: str) -> None:
    uri = f"https://{label}.travel0.example/callback"
    assert not callback_allowed(uri, [PLACED], organization_name="thehoekstra")
