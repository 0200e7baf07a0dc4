"""Searches by part of a name or an address stay quick with a million rows."""

from django.db import migrations

from core.trigrams import TrigramIndex


class Migration(migrations.Migration):
    dependencies = [("invitations", "0001_initial")]

    operations = [
        TrigramIndex("invitations_invitation", "invitee_email"),
    ]
