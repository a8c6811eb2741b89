"""Intake: the facts of every contact, from the telephone exchange to one call with one outcome."""
