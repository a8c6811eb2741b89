"""Dispatch's doors for people and programs: look at responses, and act on them."""

from dispatch.api.responses import router

__all__ = ["router"]
