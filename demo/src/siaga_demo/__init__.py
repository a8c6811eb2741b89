"""The demo: recorded hours, call takers and agencies that use the public doors."""
