"""Texts for people, beside the templates. This package imports no other part of notification."""
