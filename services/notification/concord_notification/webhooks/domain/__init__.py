"""The rules of webhooks, free of any framework. The present moment is always an argument."""
