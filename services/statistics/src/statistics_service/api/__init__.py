"""The HTTP doorways of statistics."""
