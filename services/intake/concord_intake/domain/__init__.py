"""What a concern is and what may become of it: values and pure rules."""
