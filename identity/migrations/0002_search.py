"""Searches by part of a name or an address stay quick with a million rows."""

from django.db import migrations

from core.trigrams import TrigramIndex


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial")]

    operations = [
        TrigramIndex("identity_user", "email"),
        TrigramIndex("identity_user", "name"),
        TrigramIndex("identity_application", "name"),
    ]
