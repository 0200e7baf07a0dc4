"""Searches by part of a name or an address stay quick with a million rows."""

from django.db import migrations

from core.trigrams import TrigramIndex


class Migration(migrations.Migration):
    dependencies = [("orgs", "0001_initial")]

    operations = [
        TrigramIndex("orgs_organization", "name"),
        TrigramIndex("orgs_organization", "display_name"),
    ]
