"""What residents read from intake: messages in English, marked for the gettext catalogues."""
