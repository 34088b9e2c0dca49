"""Texts and dates for residents. The languages are those of the gettext catalogues in `locale/`."""
