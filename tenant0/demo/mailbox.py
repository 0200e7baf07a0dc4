"""A page on loopback where every mail of the demo can be read: `python -m tenant0.demo.mailbox FOLDER PORT`.

Standard library only, for one person on one machine. A mail's own HTML is shown in a sandbox of its own.
"""

import html
import re
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

_NAME: Final = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]+\.log")
_SEPARATOR: Final = b"-" * 79
# A mail may style itself, show pictures and lead away; it may run nothing and read nothing.
_MAIL_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src *; sandbox allow-top-navigation-by-user-activation"
)
_PAGE_POLICY: Final = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
_STYLE: Final = """
:root{color-scheme:light dark}
body{margin:0;font:16px/1.5 system-ui,sans-serif;background:#f2f3f8;color:#14152b}
main{max-width:46rem;margin:0 auto;padding:2rem 1rem}
h1{font-size:1.5rem;margin:0 0 1rem}
ul{list-style:none;margin:0;padding:0;display:grid;gap:.5rem}
li a{display:block;padding:1rem;background:#fff;border-radius:.75rem;color:inherit;text-decoration:none}
li a:hover,li a:focus-visible{outline:3px solid #3b3fd8}
small{color:#575a75}
strong{display:block;overflow-wrap:anywhere}
iframe{width:100%;height:34rem;border:0;border-radius:.75rem;background:#fff}
@media (prefers-color-scheme:dark){body{background:#14152b;color:#f2f3f8}li a,pre{background:#22243f!important}
small{color:#b9bcd6!important}a{color:#aab0ff}}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#fff;padding:1rem;border-radius:.75rem}
"""


def mails(folder: Path) -> list[tuple[str, EmailMessage]]:
    """Return every mail with its file's name, newest first."""
    found = []
    for path in sorted(folder.glob("*.log"), reverse=True):
        raw = path.read_bytes().split(_SEPARATOR)[0]
        if raw.strip():
            found.append((path.name, message_from_bytes(raw, policy=policy.default)))
    return found


class Handler(BaseHTTPRequestHandler):
    """The list, one mail, its HTML part, and the style sheet."""

    folder: Path
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # the base class names it
        path = self.path.partition("?")[0]
        if path == "/":
            self._send(_list_page(mails(self.folder)), refresh=True)
        elif path == "/style.css":
            self._send(_STYLE, kind="text/css")
        else:
            self._mail(path.strip("/"))

    def log_message(self, *_args: Any) -> None:
        """Say nothing: the addresses of mails are nobody's business."""

    def _mail(self, path: str) -> None:
        name, _slash, part = path.partition("/")
        message = dict(mails(self.folder)).get(name) if _NAME.fullmatch(name) else None
        if message is None:
            self._send("<h1>There is no such mail</h1>", status=404)
        elif part == "html":
            # A link leads out of the frame, as it would out of a mail program.
            self._send(
                _part(message, "html").replace("<head>", '<head><base target="_top">', 1), policy_header=_MAIL_POLICY
            )
        else:
            self._send(_mail_page(name, message))

    def _send(
        self,
        text: str,
        *,
        kind: str = "text/html",
        status: int = 200,
        policy_header: str = _PAGE_POLICY,
        refresh: bool = False,
    ) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy_header)
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        if refresh:
            self.send_header("Refresh", "5")
        self.end_headers()
        self.wfile.write(body)


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{html.escape(title)}</title><link rel="stylesheet" href="/style.css"></head>'
        f"<body><main>{body}</main></body></html>"
    )


def _list_page(found: list[tuple[str, EmailMessage]]) -> str:
    rows = "".join(
        f'<li><a href="/{name}"><strong>{html.escape(str(message["subject"]))}</strong>'
        f"<small>to {html.escape(str(message['to']))}, {html.escape(str(message['date']))}</small></a></li>"
        for name, message in found
    )
    empty = "<p>No mail yet. Invite somebody in the dashboard; the page looks again every five seconds.</p>"
    return _page("Mail", f"<h1>Mail</h1>{f'<ul>{rows}</ul>' if rows else empty}")


def _mail_page(name: str, message: EmailMessage) -> str:
    head = (
        f'<p><a href="/">All mail</a></p><h1>{html.escape(str(message["subject"]))}</h1>'
        f"<p><small>from {html.escape(str(message['from']))} to {html.escape(str(message['to']))}</small></p>"
    )
    frame = f'<iframe src="/{name}/html" title="The mail" sandbox="allow-top-navigation-by-user-activation"></iframe>'
    text = f"<h2>As text</h2><pre>{html.escape(_part(message, 'plain'))}</pre>"
    return _page(str(message["subject"]), head + frame + text)


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body(preferencelist=(kind,))
    return str(body.get_content()) if body is not None else ""


def main() -> None:
    Handler.folder = Path(sys.argv[1])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()


if __name__ == "__main__":
    main()
