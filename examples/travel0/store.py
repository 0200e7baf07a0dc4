"""What this process remembers of its browsers; their cookies carry only random names of it."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable


class MemoryStore:
    """Strings with a lifetime in seconds, dropped at their end and, beyond `capacity`, the oldest first.

    `get`, `set` and `delete` are called as those of `redis.Redis` are, so a client of Redis can stand here as soon as
    more than one process serves the instance.
    """

    def __init__(self, *, capacity: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity = capacity
        self._clock = clock
        self._entries: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str) -> str | None:
        with self._lock:
            expires, value = self._entries.get(name, (0.0, ""))
            return value if self._clock() < expires else None

    def set(self, name: str, value: str, ex: int) -> None:
        with self._lock:
            self._entries.pop(name, None)
            self._entries[name] = (self._clock() + ex, value)
            self._shrink()

    def delete(self, name: str) -> None:
        with self._lock:
            self._entries.pop(name, None)

    def _shrink(self) -> None:
        """Forget from the old end; one store holds entries of one lifetime, so its oldest expire first."""
        now = self._clock()
        while self._entries:
            name, (expires, _) = next(iter(self._entries.items()))
            if now < expires and len(self._entries) <= self._capacity:
                return
            del self._entries[name]
