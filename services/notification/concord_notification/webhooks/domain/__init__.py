"""The rules of webhooks, without any framework. The current time is always an argument."""
