"""Consents: what a person has granted to a third-party application."""

from django.db import transaction as database
from django.utils import timezone

from core.actors import Actor
from login.authorization_request import AuthorizationRequest
from login.completion import record_event
from login.models import Consent, LoginTransaction


def give_consent(transaction: LoginTransaction, request: AuthorizationRequest, *, actor: Actor) -> Consent:
    """Add the scopes of the request to what the person has granted, and stamp the transaction. Locks the consent."""
    with database.atomic():
        consent, _made = Consent.objects.select_for_update().get_or_create(
            user=transaction.user, application=transaction.application, audience=request.audience
        )
        consent.scopes = sorted({*consent.scopes, *request.scopes})
        consent.save(update_fields=["scopes", "updated_at"])
        transaction.consented_at = timezone.now()
        transaction.save(update_fields=["consented_at"])
        record_event("scoa", transaction, actor, description="Gave consent")
    return consent
