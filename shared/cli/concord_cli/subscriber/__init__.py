"""`concord subscriber`: broker logins with which other city services receive events."""
