"""What touches the world: database, vault, texts, mail server."""
