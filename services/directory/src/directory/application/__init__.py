"""What people and robots can ask of the directory: load, decide, record, save."""
