"""Where the directory's tenants, accounts and audit trail are kept."""
