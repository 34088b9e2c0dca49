"""What people read from notification beside the templates."""
