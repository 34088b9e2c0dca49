"""The broker's exchanges, queues, policies and logins: one declaration, applied by one command."""
