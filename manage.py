#!/usr/bin/env python
"""Runs the management commands of tenant0."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenant0.settings")
    execute_from_command_line(sys.argv)
