"""Pages for residents: plain HTML that needs no script, no cookie and no other host."""
