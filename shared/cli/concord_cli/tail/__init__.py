"""`concord tail`: public events as they happen."""
