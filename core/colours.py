"""Which colours can be read on which (WCAG 2.2)."""

from typing import Final

_LIGHT: Final = "#ffffff"
_DARK: Final = "#000000"


def contrast(left: str, right: str) -> float:
    """Return the contrast ratio of two colours given as six hexadecimal digits each, 1 to 21."""
    bright, dark = sorted((_luminance(left), _luminance(right)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def text_on(colour: str) -> str:
    """Return black or white as `#rrggbb`, whichever is read better on a colour of six hexadecimal digits (section 1.4.3)."""
    return _LIGHT if contrast(colour, _LIGHT[1:]) >= contrast(colour, _DARK[1:]) else _DARK


def _luminance(colour: str) -> float:
    channels = [int(colour[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
