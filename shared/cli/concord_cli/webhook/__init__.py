"""`concord webhook`: endpoints that receive events by HTTPS, managed through notification's API."""
