"""`concord audit`: the services' chains of entries about who did what."""
