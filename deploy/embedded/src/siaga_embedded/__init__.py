"""Broker and store for one machine, as supervised child processes."""
