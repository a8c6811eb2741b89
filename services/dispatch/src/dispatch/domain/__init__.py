"""What dispatch decides: who is asked, when the next is asked, and when help has ended."""
