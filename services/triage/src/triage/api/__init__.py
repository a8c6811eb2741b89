"""The HTTP doorways of the desk."""
