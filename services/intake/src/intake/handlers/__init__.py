"""Doorways: what waits is taken, one use case is called, and trouble gets its fate."""
