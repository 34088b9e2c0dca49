"""The adapters of webhooks: database, vault, resolver, HTTPS and broker."""
