"""Intake: the service that receives concerns, issues receipts and shows residents the status of their concerns.

Intake stores of a concern its category, place, times, language, channel, description and a hash of its receipt.
It stores no contact. Name, e-mail address and telephone number leave in the same transaction, encrypted for
notification; intake keeps only the fact that there is a contact. Descriptions and officer messages are stored in
clear text, because intake owns them: encrypt the disk. Intake stores that a reporter answered for a resolution. The
reason for "not fixed" leaves in the same transaction, encrypted for routing.
"""

import zoneinfo

zoneinfo.reset_tzpath(())  # the pinned tzdata in place of the system's files, which may be older
