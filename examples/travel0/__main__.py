"""Serve one instance: `python -m examples.travel0 --host 127.0.0.1 --port 8001`."""

import argparse
import os
import sys
from typing import Final

from granian.constants import Interfaces
from granian.server import Server

from .config import Config, ConfigurationError

_THREADS: Final = 4


def main() -> int:
    arguments = _arguments()
    try:
        config = Config.from_environment(os.environ)
    except ConfigurationError as error:
        print(f"Travel0 cannot start. {error}", file=sys.stderr)  # noqa: T201
        return 2
    print(f"Travel0 for {config.customer}: {config.base_url}/", flush=True)  # noqa: T201
    # One process, because what it remembers of its browsers is in memory.
    Server(
        f"{__package__}.app:create_app",
        factory=True,
        interface=Interfaces.WSGI,
        address=arguments.host,
        port=arguments.port,
        workers=1,
        blocking_threads=_THREADS,
        websockets=False,
    ).serve()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
