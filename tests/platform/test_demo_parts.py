"""The demo's parts by themselves: its family of processes and its page of mails."""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from django.core import mail
from django.core.mail.backends.filebased import EmailBackend

from tenant0.demo.folder import Folder
from tenant0.demo.mailbox import Handler
from tenant0.demo.processes import Child, ChildDied, Family

WITH_GRANDCHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def child(code: str) -> Child:
    return Child("courier", [sys.executable, "-c", code], {})


def test_a_child_that_ends_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    family = Family(tmp_path)
    family.start(child("print('no parcels today')"))
    with pytest.raises(ChildDied, match="courier is not running") as caught:
        family.watch()
    assert "no parcels today" in str(caught.value)
    family.stop()


def test_stopping_ends_what_a_child_started_as_well(tmp_path: Path) -> None:
    family = Family(tmp_path)
    family.start(child(WITH_GRANDCHILD))
    deadline = time.monotonic() + 10
    while not (text := (tmp_path / "courier.log").read_text()).endswith("\n"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    family.stop()
    time.sleep(0.1)
    command = ["/bin/ps", "-o", "stat=", "-p", text.strip()]
    state = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    # A zombie has ended; nobody here is its parent to say so.
    assert state.strip()[:1] in {"", "Z"}


def test_a_child_that_does_not_listen_is_ended_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenant0.demo.processes._STOP_SECONDS", 0.5)
    family = Family(tmp_path)
    family.start(
        child(
            "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('x', flush=True); time.sleep(60)"
        )
    )
    while "x" not in (tmp_path / "courier.log").read_text():
        time.sleep(0.05)
    family.stop()
    assert family.running[0][1].returncode == -signal.SIGKILL


def test_its_secrets_are_its_own_and_stay(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    folder.prepare()
    assert folder.secret("key") == folder.secret("key") != folder.secret("other")
    assert os.stat(folder.path).st_mode & 0o077 == 0


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[str]:
    """The address of a mailbox page with one mail in it."""
    message = mail.EmailMultiAlternatives(
        "Join <b>us</b>", "Your link: https://x.example/", "us@travel0.example", ["jennifer@hoekstra.example"]
    )
    message.attach_alternative(
        '<html><head></head><body><a href="https://x.example/">Go</a></body></html>', "text/html"
    )
    EmailBackend(file_path=str(tmp_path)).send_messages([message])
    handler = type("MailboxHandler", (Handler,), {"folder": tmp_path})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def read(url: str) -> tuple[int, str, str]:
    """Return the status, the content security policy and the text of a page."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # our own server
            return answer.status, answer.headers["Content-Security-Policy"], answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers["Content-Security-Policy"] or "", refused.read().decode()


def test_the_list_shows_who_got_what_and_runs_nothing(mailbox: str) -> None:
    status, policy, page = read(f"{mailbox}/")
    assert status == 200
    assert "jennifer@hoekstra.example" in page
    assert "Join &lt;b&gt;us&lt;/b&gt;" in page
    assert "default-src 'none'" in policy


def test_a_mail_is_shown_as_it_is_and_as_text(mailbox: str, tmp_path: Path) -> None:
    name = next(tmp_path.glob("*.log")).name
    assert "Your link: https://x.example/" in read(f"{mailbox}/{name}")[2]
    _status, policy, page = read(f"{mailbox}/{name}/html")
    assert '<base target="_top">' in page
    assert "sandbox" in policy
    assert "allow-scripts" not in policy


@pytest.mark.parametrize(
    "path", ["/../../../etc/passwd", "/%2e%2e/etc/passwd", "/nothing.log", "/x/y/z", "//etc/passwd"]
)
def test_nothing_but_mails_can_be_read(mailbox: str, path: str) -> None:
    status, _policy, page = read(mailbox + path)
    assert status == 404
    assert "root:" not in page
