"""`concord subscriber`: the log-ins of other city services."""
