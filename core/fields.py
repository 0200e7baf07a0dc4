"""Model fields of our own: JSON objects, and content that is encrypted at rest."""

import json
from typing import TYPE_CHECKING, Any

from django.db import models

from core import secrets
from core.text import validate_json_object

if TYPE_CHECKING:
    _Text = models.TextField[str, str]
    _JSON = models.TextField[Any, Any]
    _PlainJSON = models.JSONField[Any, Any]
else:
    _Text = _JSON = models.TextField
    _PlainJSON = models.JSONField


class JSONObjectField(_PlainJSON):
    """A JSON object that both databases can store: an empty list or text is no object either."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        # Validation passes over what is empty, so only the empty object may count as that.
        self.empty_values = [{}]

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        """Return the object; nothing at all, as an empty input of a form gives, is the empty one."""
        return super().clean({} if value is None else value, model_instance)

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        validate_json_object(value)


class EncryptedTextField(_Text):
    """Text that is encrypted in the database and clear in Python. It cannot be searched."""

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else secrets.encrypt(str(value))

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else secrets.decrypt(value)


class EncryptedJSONField(_JSON):
    """A JSON value that is encrypted in the database. It cannot be searched.

    Shape: whatever the owning model documents; dict by default.
    """

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else secrets.encrypt(json.dumps(value, separators=(",", ":")))

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else json.loads(secrets.decrypt(value))

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj))
