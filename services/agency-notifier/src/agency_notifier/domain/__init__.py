"""What the notifier decides: whom to tell, when to try again, which door is closed, what a reply is."""
