"""What the notifier keeps: responses as last heard, deliveries, replies."""
