"""Sending one e-mail: text and HTML from templates, headers that no name can break, one Message-ID a message."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from core import secrets


def send_mail(*, key: str, to: str, template: str, context: Mapping[str, Any], language: str = "") -> None:
    """Send the mail whose parts are `mail/<template>.subject.txt`, `.txt` and `.html`.

    `key` identifies the message: the same key gives the same Message-ID, so a receiver can drop a duplicate (RFC 5322 section
    3.6.4). `language` is a language we speak, else the default one. Transport errors are raised for the outbox to retry.
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
    message.send()
