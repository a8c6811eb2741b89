"""Triage: what a call was, which ticket it belongs to, and the ticket for its whole life."""
