"""What the figures are and how they add up: plain Python, no clock, no I/O."""
