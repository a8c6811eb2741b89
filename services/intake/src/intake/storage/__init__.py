"""The calls and their callers in the store."""
