"""`concord webhook`: receivers of events outside, over notification's API."""
