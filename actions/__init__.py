"""Rules and Actions: what a trigger is, what a script may know and what it may cause."""
