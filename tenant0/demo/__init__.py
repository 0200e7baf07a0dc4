"""The demo: everything on this machine, Travel0 and its two customers loaded."""
