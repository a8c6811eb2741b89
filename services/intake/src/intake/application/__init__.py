"""What intake does with what it hears: keep it, then make it part of its call."""
