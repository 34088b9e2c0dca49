"""`concord city`: the city folder, checked and drafted."""
