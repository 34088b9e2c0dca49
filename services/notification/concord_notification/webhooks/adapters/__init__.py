"""What touches the world: the database, the vault, the resolver, HTTPS."""
