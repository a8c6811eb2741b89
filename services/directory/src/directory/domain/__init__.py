"""Pure rules of the directory: what applying a tenant's file means, and who an account is."""
