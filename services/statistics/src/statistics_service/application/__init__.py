"""What statistics does: tell a month, build the figures again."""
