"""Messages for residents in English, marked for the gettext catalogues."""
