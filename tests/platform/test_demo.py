"""`make demo`: everything comes up, keeps its data, goes away together, and says what is wrong."""

import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from tests.platform.processes import environment, manage
from tests.running_demo import running_demo


def status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  # our own demo
        return int(answer.status)


def left_over(folder: Path) -> list[str]:
    """Return the processes that still have the demo's folder in their command or their environment."""
    found = subprocess.run(["ps", "axeww", "-o", "pid=,command="], capture_output=True, text=True, check=True).stdout  # noqa: S607
    return [line for line in found.splitlines() if str(folder) in line and "ps axeww" not in line]


def test_it_comes_up_keeps_its_data_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with running_demo(tmp_path) as first:
        addresses = [f"{first.issuer}readyz", f"{first.issuer}admin/login/", first.mail]
        # The tests' resolver need not know names under localhost, as browsers do.
        addresses += [url.replace("hoekstra.localhost", "127.0.0.1") for url in (f"{first.hoekstra}healthz",)]
        addresses += [url.replace("metahexa.localhost", "127.0.0.1") for url in (f"{first.metahexa}healthz",)]
        assert [status(address) for address in addresses] == [200] * 5
    time.sleep(0.5)
    assert left_over(tmp_path) == []
    with running_demo(tmp_path) as second:
        assert second.operator_password == first.operator_password
        assert status(f"{second.issuer}readyz") == 200


@pytest.mark.parametrize("flag", ["--port", "--hoekstra-port", "--metahexa-port", "--mail-port"])
def test_a_taken_port_names_the_flag(tmp_path: Path, flag: str) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        ended = manage("demo", f"--folder={tmp_path / 'demo'}", flag, str(port), env=environment(tmp_path))
    assert ended.returncode == 1
    assert f"Port {port} is taken" in ended.stderr
    assert flag in ended.stderr
    assert not (tmp_path / "demo").exists()
