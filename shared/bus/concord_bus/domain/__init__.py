"""The rules of delivery, free of any broker, database or framework."""
