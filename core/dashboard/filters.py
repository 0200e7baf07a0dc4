"""Filters of lists that read their value from the address alone, so that pages can link to a filtered list."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import TextFilter


class ExactFilter(TextFilter):
    """A text compared as a whole with one column; subclasses name the column."""

    column: ClassVar[str] = ""

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
        value = (self.value() or "").strip()
        return queryset.filter(**{self.column: value}) if value else queryset
