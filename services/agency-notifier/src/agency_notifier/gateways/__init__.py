"""The notifier's ways out: webhooks and mail, the vault, reply links, the tenants' address book."""
