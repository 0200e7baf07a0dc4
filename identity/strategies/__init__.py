"""The strategies: the code behind connections, found by the name that a connection stores."""

from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from identity.models import Connection
from identity.strategies.base import Strategy


@lru_cache
def strategy_class(name: str) -> type[Strategy]:
    """Return the class that `settings.CONNECTION_STRATEGIES` names; `KeyError` for an unknown strategy."""
    found: type[Strategy] = import_string(settings.CONNECTION_STRATEGIES[name])
    assert issubclass(found, Strategy)
    return found


def strategy_for(connection: Connection) -> Strategy:
    """Return the strategy of a connection, ready to use."""
    return strategy_class(connection.strategy)(connection)
