"""The directory's HTTP doorways."""
