"""Notification: keeps the reporter's contact in a vault and tells them what became of their concern."""
