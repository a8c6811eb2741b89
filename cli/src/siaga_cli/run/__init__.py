"""`siaga run`: everything of one machine, started by one command."""
