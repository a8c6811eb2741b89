"""What every service stands on: bus, store, tenancy, vault, identity, telemetry, settings."""
