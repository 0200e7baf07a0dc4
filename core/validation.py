"""From a model's own validation to the domain's errors, and the one way services assign fields."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, DomainError, Invalid


def assign(row: models.Model, changes: Mapping[str, Any], *, immutable: Collection[str] = ()) -> dict[str, list[Any]]:
    """Set fields of a row and return what really changed: name → [old, new].

    Only fields that are editable may be named, so that no door can reach a digest or a system flag. Raises `Invalid`
    (`unknown_field`, or `immutable` for a field of `immutable` with another value).
    """
    editable = {field.name for field in row._meta.concrete_fields if field.editable and not field.primary_key}
    if unknown := sorted(set(changes) - editable):
        raise Invalid(
            _("Unknown field: %(names)s") % {"names": ", ".join(unknown)}, code="unknown_field", field=unknown[0]
        )
    changed = {name: [getattr(row, name), value] for name, value in changes.items() if getattr(row, name) != value}
    for name, (_old, value) in changed.items():
        if name in immutable:
            raise Invalid(_("This cannot change."), code="immutable", field=name)
        setattr(row, name, value)
    return changed


def save_validated(
    row: models.Model,
    *,
    changed: Collection[str] | None = None,
    conflict_code: str = "already_exists",
    exclude: Collection[str] = (),
) -> None:
    """Validate a row in full and write it: a new one, or the `changed` fields of one that is there.

    Call it inside a transaction. Raises `Invalid` (`invalid_field`) naming the first field at fault, and `Conflict` (`conflict_code`) when a unique
    value is taken, also when somebody takes it between the check and the write.
    """
    try:
        row.full_clean(exclude=set(exclude))
    except ValidationError as error:
        raise domain_error(error, conflict_code=conflict_code) from error
    try:
        with transaction.atomic():
            if changed is None:
                row.save(force_insert=True)
            else:
                row.save(update_fields=[*changed, *_stamps(row)])
    except IntegrityError as error:
        raise Conflict(_("This exists already."), code=conflict_code) from error


def _stamps(row: models.Model) -> list[str]:
    return [field.name for field in row._meta.concrete_fields if getattr(field, "auto_now", False)]


def domain_error(error: ValidationError, *, conflict_code: str = "already_exists") -> DomainError:
    """Return the domain's error for the first problem of a validation: `Conflict` for a taken value, else `Invalid`."""
    name, problems = next(iter(error.error_dict.items()))
    field = None if name == NON_FIELD_ERRORS else name
    message = " ".join(str(text) for text in problems[0].messages)
    if any(problem.code in {"unique", "unique_together"} for problem in problems):
        return Conflict(message, code=conflict_code, field=field)
    return Invalid(message, code="invalid_field", field=field)
