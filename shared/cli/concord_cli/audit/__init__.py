"""`concord audit`: the audit chains of the services."""
