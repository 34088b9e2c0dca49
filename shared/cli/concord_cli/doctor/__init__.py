"""`concord doctor`: diagnosis of a running Concord, with remedies."""
