"""The live board: what happens at 112, in a terminal."""
