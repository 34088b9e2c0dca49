"""From what was sent to what was said: schemas that judge, and a fast path for what is plainly right."""
