"""Where calls, tickets and numbers are kept."""
