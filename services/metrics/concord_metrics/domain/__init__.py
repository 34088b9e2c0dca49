"""Values and pure rules of the measures, free of any database, broker or framework."""
