"""Dispatch: the response to one ticket, its agency tasks, ladders and clocks."""
