"""Intake: concerns as residents said them, their receipts, and the public view of what becomes of them.

What intake keeps of a concern: category, place, times, language, channel, the description, and a hash of the receipt.
It keeps no contact: name, e-mail and phone leave in the same transaction, encrypted for notification, and only the
fact that a contact was given stays. The description is kept in clear, because intake owns it, and so are the words that
officers wrote about it; encrypt the disk. Of a reply to a resolution it keeps that it was given; why something is not
fixed leaves in the same transaction, encrypted for routing.
"""
