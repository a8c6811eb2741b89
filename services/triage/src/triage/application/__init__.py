"""What can be done at the desk: load, decide, save."""
