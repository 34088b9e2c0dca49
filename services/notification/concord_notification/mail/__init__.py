"""Mail: addresses, SMTP and encryption. It imports neither notices nor webhooks."""
