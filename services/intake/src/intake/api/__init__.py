"""The HTTP doorways of intake."""
