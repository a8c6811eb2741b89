"""Agency notifier: every delivery to an agency, visible, and the agency's reply."""
