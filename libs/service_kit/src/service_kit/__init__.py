"""What every service of Siaga 112 stands on: bus, store, tenancy, people, personal data, telemetry."""
