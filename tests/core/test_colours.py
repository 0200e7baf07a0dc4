"""Text is readable on any colour that an organization chooses."""

import pytest

from core.colours import contrast, text_on


def test_black_and_white_are_as_far_apart_as_can_be() -> None:
    assert contrast("000000", "ffffff") == pytest.approx(21)
    assert contrast("123456", "123456") == pytest.approx(1)


@pytest.mark.parametrize("colour", ["000000", "ffffff", "0f6b4f", "ffd400", "777777", "3b3fd8", "ff0000"])
def test_text_reaches_the_contrast_that_wcag_asks_for(colour: str) -> None:
    assert contrast(colour, text_on(colour)[1:]) >= 4.5
