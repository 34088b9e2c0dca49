"""What intake does, one file for each command or message: in bulk, inside a transaction that others hold open."""
