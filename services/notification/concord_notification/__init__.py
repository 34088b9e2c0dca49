"""Notification: notices by mail to reporters and supervisors, and events to webhooks."""
