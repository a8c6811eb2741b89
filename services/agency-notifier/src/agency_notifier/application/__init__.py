"""What the notifier does: follow responses, send messages, take replies."""
