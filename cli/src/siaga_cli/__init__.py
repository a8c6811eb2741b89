"""The command line `siaga`: one door to the services for people at a terminal."""
