"""What a call taker's desk decides: plain Python, without a clock."""
