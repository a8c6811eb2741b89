"""The directory's ways to what is not the store: processor time for passwords, memory for failed tries."""
