"""`concord token`: API keys."""
