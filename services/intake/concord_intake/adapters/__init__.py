"""Where intake keeps what it knows."""
