"""What every page of the dashboard stands on: changes through services, tabs, confirmations, quick lists. Registers nothing."""
