"""What is measured, free of any database, broker or framework."""
