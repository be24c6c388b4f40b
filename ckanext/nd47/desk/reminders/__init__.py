"""Reminders by e-mail of what waits on the work list.

`recipients` says who is reminded of what, `compose` puts it into words, `mailing` sends each
message once, `delivery` hands it to CKAN's mailer and says what became of it. `choices` holds what
accounts want, `links` signs the links in the messages.
"""
