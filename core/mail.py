"""Sending one e-mail: text and HTML from templates, headers that no name can break, one Message-ID a message."""

import smtplib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from core import secrets
from core.outbox import Undeliverable

# RFC 5321 section 4.2.1: from here on a reply says that the same attempt will fail again.
_PERMANENT = 500


def send_mail(*, key: str, to: str, template: str, context: Mapping[str, Any], language: str = "") -> None:
    """Send the mail whose parts are `mail/<template>.subject.txt`, `.txt` and `.html`.

    `key` identifies the message: the same key gives the same Message-ID, so a receiver can drop a duplicate (RFC 5322 section
    3.6.4). `language` is a language we speak, else the default one. `Undeliverable` when the server refuses this mail for good;
    other transport errors are raised for the outbox to retry.
    """
    spoken = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(spoken):
        values = {"tenant_name": settings.TENANT0_FRIENDLY_NAME, "language": spoken, **context}
        # A subject is one line whatever stands in a name.
        subject = " ".join(render_to_string(f"mail/{template}.subject.txt", values).split())
        message = EmailMultiAlternatives(
            subject=subject,
            body=render_to_string(f"mail/{template}.txt", values),
            to=[to],
            headers={
                "Message-ID": f"<{secrets.digest(key)[:32]}@{urlsplit(settings.TENANT0_ISSUER).hostname}>",
                # RFC 3834 section 5: nobody's vacation program answers.
                "Auto-Submitted": "auto-generated",
            },
        )
        message.attach_alternative(render_to_string(f"mail/{template}.html", values), "text/html")
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        raise _judged(error, *(code for code, _text in error.recipients.values())) from error
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        raise _judged(error, error.smtp_code) from error
    except ValueError as error:
        # An address or a header that no mail can have; building it again changes nothing.
        raise Undeliverable(f"{type(error).__name__}: the mail cannot be written") from error


def _judged(error: smtplib.SMTPException, *codes: int) -> Exception:
    """Return what to raise for a server's refusal: a refused login or a busy server may pass, a refused mail will not."""
    return Undeliverable(f"the mail server refused it: {error}") if all(code >= _PERMANENT for code in codes) else error
