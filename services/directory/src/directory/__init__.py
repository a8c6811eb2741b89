"""Directory: tenants, accounts, token keys and the audit trail."""
