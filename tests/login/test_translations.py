"""Everything a person meets at the login pages and in mails is there in every language, compiled and in step."""

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent.parent
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
_SIMPLE = re.compile(r'{%\s*translate\s+"([^"]+)"')
_BLOCK = re.compile(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate\s*%}", re.S)


def texts() -> set[str]:
    """Return the messages of the login and mail templates, as gettext knows them."""
    found: set[str] = set()
    for folder in ("templates/login", "templates/mail"):
        for path in (ROOT / folder).rglob("*.*"):
            source = path.read_text()
            found |= set(_SIMPLE.findall(source))
            found |= {re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", text) for text in _BLOCK.findall(source)}
    return found


def catalog(language: str) -> gettext.GNUTranslations:
    with open(ROOT / "locale" / language / "LC_MESSAGES" / "django.mo", "rb") as file:
        return gettext.GNUTranslations(file)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_templates_is_translated(language: str) -> None:
    known = catalog(language)
    missing = sorted(text for text in texts() if text not in known._catalog)  # type: ignore[attr-defined]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_survive_translation(language: str) -> None:
    known = catalog(language)
    for text in texts():
        translated = known.gettext(text)
        assert set(re.findall(r"%\(\w+\)s", text)) == set(re.findall(r"%\(\w+\)s", translated)), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalog_is_in_step_with_its_source(language: str) -> None:
    source = (ROOT / "locale" / language / "LC_MESSAGES" / "django.po").read_text()
    known = catalog(language)
    pairs = re.findall(r'^msgid "((?:[^"\\]|\\.)+)"\nmsgstr "((?:[^"\\]|\\.)+)"', source, re.M)
    assert len(pairs) > 100
    for text, translated in pairs:
        assert known.gettext(text.replace('\\"', '"')) == translated.replace('\\"', '"')
