"""The one canonical form of an e-mail address."""

import pytest

from core.errors import Invalid
from identity.addresses import canonical_email, find_canonical_email


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Jennifer@Hoekstra.Example ", "jennifer@hoekstra.example"),
        ("j.e.n+travel@hoekstra.example", "j.e.n+travel@hoekstra.example"),
        ("i@BÜCHER.example", "i@xn--bcher-kva.example"),
        ("i@xn--bcher-kva.example", "i@xn--bcher-kva.example"),
        ("a@ｅxample.com", "a@example.com"),
    ],
    ids=["case", "dots and tags", "international", "its ASCII form", "full width"],
)
def test_one_mailbox_has_one_form(typed: str, stored: str) -> None:
    assert canonical_email(typed) == stored
    assert canonical_email(stored) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "mi\u212ae@hoekstra.example",  # The Kelvin sign, whose lower case is a k.
        "jenn\u0131fer@hoekstra.example",  # A dotless i, whose upper case is an I.
        "JENN\u0130FER@hoekstra.example",
        "j\u0435nnifer@hoekstra.example",  # A Cyrillic e.
        "\uff4aennifer@hoekstra.example",  # Full width, which NFKC makes a j.
        "jennifer@stra\u00dfe.example",  # Libraries disagree whether ß is ss.
        "jennifer\u200b@hoekstra.example",
        "jennifer@hoekstra.example\u202e",
        "jennifer@hoekstra.example\r\nBcc: all@hoekstra.example",
        '"jennifer\r\n"@hoekstra.example',
        '"jen nifer"@hoekstra.example',
        "jennifer\x00@hoekstra.example",
        "jennifer\ud800@hoekstra.example",
        "jennifer@hoekstra.example\ud800",
        "jennifer@a@hoekstra.example",
        "jennifer@a\uff20hoekstra.example",
        "jennifer",
        "@hoekstra.example",
        "jennifer@",
        "",
        "a" * 250 + "@b.example",
    ],
)
def test_what_could_be_somebody_else_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        canonical_email(typed)
    assert (refused.value.code, refused.value.field) == ("invalid_email", "email")
    assert find_canonical_email(typed) is None


def test_a_megabyte_is_refused_at_once() -> None:
    assert find_canonical_email("a@" + "ü" * 1_000_000) is None
