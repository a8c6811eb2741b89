"""How answers are shown: words, times, tables, JSON."""
