"""Form fields of the dashboard: a list as one line each, pairs of key and value, and JSON."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold import widgets

_BLANK_ROWS: Final = 2


class LinesField(forms.CharField):
    """A list of strings, typed one a line. Blank lines and spaces around are dropped."""

    widget = widgets.UnfoldAdminTextareaWidget

    def __init__(self, *, rows: int = 4, separators: str = r"[\r\n]+", **arguments: Any) -> None:
        super().__init__(**arguments)
        self.widget.attrs["rows"] = rows
        self.widget.attrs.setdefault("spellcheck", "false")
        self._separators = re.compile(separators)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        return [line.strip() for line in self._separators.split(value or "") if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != list(initial or []))

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """Nothing: the validators of text do not fit a list."""


class KeyValueWidget(forms.Widget):
    """Rows of two inputs; a script adds rows, without it there are always a few blank ones."""

    template_name = "dashboard/key_value.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        pairs = list(value.items()) if isinstance(value, Mapping) else list(value or [])
        context["widget"]["rows"] = [*pairs, *[("", "")] * _BLANK_ROWS]
        context["widget"]["input_class"] = " ".join(widgets.BASE_INPUT_CLASSES)
        return context

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Render by the project's templates; those of forms are searched for in Django's own folders only."""
        return render_to_string(self.template_name, self.get_context(name, value, attrs))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[tuple[str, str]]:
        keys, values = data.getlist(f"{name}_key"), data.getlist(f"{name}_value")
        return [(key, value) for key, value in zip(keys, values, strict=False) if key.strip() or value.strip()]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}_key" not in data

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else id_


class KeyValueField(forms.Field):
    """A mapping of text to text."""

    widget = KeyValueWidget

    def clean(self, value: Any) -> dict[str, str]:
        pairs = [(key.strip(), text) for key, text in value or []]
        if any(not key for key, _text in pairs):
            raise ValidationError(_("Every value needs a key."), code="missing_key")
        if len({key for key, _text in pairs}) != len(pairs):
            raise ValidationError(_("A key stands here twice."), code="duplicate_key")
        return dict(pairs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return dict(data or []) != dict(initial or {})


class JSONTextField(forms.JSONField):
    """A JSON object, shown indented."""

    widget = widgets.UnfoldAdminTextareaWidget

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**{"required": False, **arguments})
        self.widget.attrs.update(rows=8, spellcheck="false", **{"class": f"{self.widget.attrs['class']} t0-code"})

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value or {}, indent=2, ensure_ascii=False)

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise ValidationError(_("This must be a JSON object: { … }."), code="not_an_object")
        return found
