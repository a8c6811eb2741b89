"""The service's ears and mouth: how what it hears and says is written."""
