"""Widgets that search while one types, for forms that are not made from a model. No select ever lists a whole table."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.db.models import Model
from django.forms import Field
from unfold.widgets import SELECT_CLASSES


def autocomplete(model: type[Model], name: str, field: Field) -> AutocompleteSelect:
    """Return the widget for one object that the foreign key `name` of `model` may point to; `field` is the form's."""
    return _ready(AutocompleteSelect(model._meta.get_field(name), admin.site), field)  # type: ignore[no-any-return]


def autocomplete_many(model: type[Model], name: str, field: Field) -> AutocompleteSelectMultiple:
    """Return the widget for several such objects."""
    return _ready(AutocompleteSelectMultiple(model._meta.get_field(name), admin.site), field)  # type: ignore[no-any-return]


def _ready(widget: Any, field: Any) -> Any:
    widget.is_required = field.required
    widget.attrs["class"] = " ".join([widget.attrs.get("class", ""), *SELECT_CLASSES])
    # The choices give the chosen ones their names; the others are searched for.
    widget.choices = field.choices
    return widget
