"""Lists that stay quick however long the table is: a count with a ceiling, and pages by key instead of by offset."""

from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

# Nobody pages further than this; a search is the way there. It bounds the count and the deepest offset.
CEILING: Final = 1000
PAGE_SIZE: Final = 50


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # generic in the stubs only
    """Counts `CEILING` rows at most, so a list of a million rows costs what one of a thousand does."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        return rows.order_by()[:CEILING].count() if isinstance(rows, QuerySet) else len(rows)


@dataclass(frozen=True)
class KeysetPage:
    """One page of rows in the order of their primary key; `next` is the key to continue after, or empty."""

    rows: list[Any]
    next: str
    is_first: bool


def keyset_page(
    request: HttpRequest, rows: "QuerySet[Any, Any]", *, size: int = PAGE_SIZE, descending: bool = False
) -> KeysetPage:
    """Return the page of `rows` that the request's `after` asks for; a key that is none begins anew."""
    after = request.GET.get("after", "")
    # Sixteen digits fit every integer column; more is nobody's key.
    start = int(after) if after.isascii() and after.isdigit() and len(after) <= 16 else None
    rows = rows.order_by("-pk" if descending else "pk")
    if start is not None:
        rows = rows.filter(pk__lt=start) if descending else rows.filter(pk__gt=start)
    found: list[Model] = list(rows[: size + 1])
    more = len(found) > size
    return KeysetPage(found[:size], str(found[size - 1].pk) if more else "", start is None)
