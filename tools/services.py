"""Starts a throw-away PostgreSQL and Redis, runs a command with their addresses, and stops them.

    python tools/services.py install            # what the tests need of the system, if it is missing
    python tools/services.py run -- pytest …    # DATABASE_URL, REDIS_URL and CHROMIUM are set for the command

Standard library only: it runs before anything is installed. Debian, Ubuntu and macOS (with Homebrew).
"""

import glob
import os
import platform
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# What is looked for, and the package that brings it: program -> (Debian, Homebrew).
PROGRAMS = {
    "postgres": ("postgresql", "postgresql@16"),
    "redis-server": ("redis-server", "redis"),
    "xmlsec1": ("xmlsec1", "libxmlsec1"),
    "chromium": ("chromium", ""),
    "msgfmt": ("gettext", "gettext"),
}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_BROWSERS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
START_SECONDS = 30
OLDEST_POSTGRESQL = 13


def main(arguments: list[str]) -> int:
    if arguments == ["install"]:
        install()
        return 0
    if arguments[:2] == ["run", "--"] and len(arguments) > 2:
        install()
        return run(arguments[2:])
    print(__doc__, file=sys.stderr)
    return 2


def run(command: list[str]) -> int:
    """Run a command between the start and the end of the services; returns its exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with (
        # Not the user's own temporary folder: on macOS its path is too long for a socket, and root's is closed to others.
        tempfile.TemporaryDirectory(prefix="tenant0-services-", dir="/tmp") as folder,
        postgresql(Path(folder)) as database_url,
        redis(Path(folder)) as redis_url,
    ):
        environment = {**os.environ, "DATABASE_URL": database_url, "REDIS_URL": redis_url}
        environment["CHROMIUM"] = find("chromium") or ""
        return follow(command, environment)


def follow(command: list[str], environment: dict[str, str]) -> int:
    """Run a command to its end, also when we are told to stop: it then has its own things to clean up."""
    process = subprocess.Popen(command, env=environment)
    # A terminal's Ctrl-C reaches the command by itself; SIGTERM reaches us alone and is passed on. Not SIG_IGN, which
    # the command would inherit.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    code = process.wait()
    # A shell says 128 + n of a command that signal n ended.
    return code if code >= 0 else 128 - code


def install() -> None:
    """Install what is missing, or say clearly what to install."""
    missing = [program for program in PROGRAMS if find(program) is None]
    if not missing:
        return
    print(f"installing: {', '.join(missing)}", file=sys.stderr)
    if platform.system() == "Darwin":
        install_with_homebrew(missing)
    elif shutil.which("apt-get"):
        install_with_apt(missing)
    still = [program for program in PROGRAMS if find(program) is None]
    if still:
        hint = " (CHROMIUM may name any Chromium or Chrome)" if "chromium" in still else ""
        sys.exit(f"The tests need these programs; please install them: {', '.join(still)}{hint}")


def install_with_apt(missing: list[str]) -> None:
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    if as_root and shutil.which("sudo") is None:
        return
    if as_root and not sys.stdin.isatty():
        as_root.append("--non-interactive")  # Nobody is there to type a password.
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    subprocess.run([*apt, "update", "-qq"], check=False, stdout=subprocess.DEVNULL)
    # One at a time: a package that this release does not have must not keep the others away.
    for program in missing:
        install = [*apt, "install", "-y", "-qq", "--no-install-recommends", PROGRAMS[program][0]]
        subprocess.run(install, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def install_with_homebrew(missing: list[str]) -> None:
    if shutil.which("brew") is None:
        return
    packages = [PROGRAMS[program][1] for program in missing if PROGRAMS[program][1]]
    subprocess.run(["brew", "install", "--quiet", *packages], check=False)


def find(program: str) -> str | None:
    """Return the path of a program, also where it is installed off the search path."""
    if program == "chromium":
        named = os.environ.get("CHROMIUM")
        found = [shutil.which(name) for name in CHROMIUM_NAMES]
        places = [named, *found, *(path for path in MAC_BROWSERS if Path(path).exists())]
        return next((place for place in places if place), None)
    if on_path := shutil.which(program):
        return on_path
    patterns = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/*/bin", "/usr/local/opt/*/bin")
    folders = [Path(folder) for pattern in patterns for folder in glob.glob(pattern)]
    candidates = sorted((folder / program for folder in folders if (folder / program).exists()), key=version_in)
    return str(candidates[-1]) if candidates else None


def version_in(path: Path) -> list[int]:
    """Return the numbers in a path, so that version 9 comes before 15."""
    return [int(number) for number in re.findall(r"\d+", str(path))]


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A cluster of its own on a free port; nothing in it is meant to survive a crash."""
    server = find("postgres")
    assert server is not None
    binaries = Path(server).resolve().parent
    require_version(server)
    data, port = folder / "postgresql", free_port()
    owner = unprivileged_user()
    folder.chmod(0o755)
    data.mkdir()
    if owner is not None:
        os.chown(data, owner.pw_uid, owner.pw_gid)
    as_owner: dict[str, Any] = {"cwd": data}
    if owner is not None:
        as_owner.update(user=owner.pw_uid, group=owner.pw_gid, extra_groups=[])
    initialize = [binaries / "initdb", "-D", data, "-U", "tenant0", "--auth=trust", "-E", "UTF8", "--no-sync"]
    subprocess.run([*map(str, initialize), "--locale=C"], check=True, stdout=subprocess.DEVNULL, **as_owner)
    options = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": data,
        "fsync": "off",
        "full_page_writes": "off",
        "max_connections": 200,
        "shared_preload_libraries": "pg_stat_statements" if has_statement_statistics(binaries) else "",
    }
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with open(folder / "postgresql.log", "wb") as log:
        process = subprocess.Popen(
            [str(binaries / "postgres"), "-D", str(data), *flags],
            stdout=log,
            stderr=log,
            start_new_session=True,
            **as_owner,
        )
    try:
        wait_for(port, process, folder / "postgresql.log")
        os.environ["TENANT0_POSTGRESQL_PID"] = str(process.pid)
        create_database(binaries, port)
        yield f"postgres://tenant0@127.0.0.1:{port}/tenant0"
    finally:
        stop(process, signal.SIGINT)


def create_database(binaries: Path, port: int) -> None:
    command = [binaries / "createdb", "-h", "127.0.0.1", "-p", port, "-U", "tenant0", "tenant0"]
    for _attempt in range(50):
        if subprocess.run([*map(str, command)], check=False, stderr=subprocess.DEVNULL).returncode == 0:
            return
        time.sleep(0.1)
    sys.exit("PostgreSQL started but no database could be created")


def require_version(server: str) -> None:
    answer = subprocess.run([server, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\d+", answer)
    if found is None or int(found.group()) < OLDEST_POSTGRESQL:
        sys.exit(f"{server} says {answer.strip()!r}; the tests need PostgreSQL {OLDEST_POSTGRESQL} or newer")


def has_statement_statistics(binaries: Path) -> bool:
    config = subprocess.run([str(binaries / "pg_config"), "--pkglibdir"], capture_output=True, text=True, check=False)
    folder = Path(config.stdout.strip()) if config.returncode == 0 else binaries.parent / "lib"
    return any(folder.glob("pg_stat_statements.*"))


def unprivileged_user() -> pwd.struct_passwd | None:
    """Return whom PostgreSQL runs as when we are root, which it refuses to be."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    sys.exit("PostgreSQL refuses to run as root and there is no user postgres or nobody")


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis of its own on a free port, in memory only."""
    server, port = find("redis-server"), free_port()
    assert server is not None
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--databases", "64"]
    options += ["--dir", str(folder)]
    with open(folder / "redis.log", "wb") as log:
        process = subprocess.Popen([server, *options], stdout=log, stderr=log, start_new_session=True)
    try:
        wait_for(port, process, folder / "redis.log")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        stop(process, signal.SIGTERM)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    sys.exit(f"a service did not start:\n{log.read_text(errors='replace')[-2000:]}")


def stop(process: "subprocess.Popen[bytes]", how: signal.Signals) -> None:
    process.send_signal(how)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
