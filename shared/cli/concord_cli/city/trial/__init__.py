"""`concord city try`: the decisions of a new city folder beside those of the present one."""
