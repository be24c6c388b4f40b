"""Reports: figures by agency, field, kind and month, the leader's page, evidence, messages.

`data` says what is so today, stores it by month, and adds both up in the same way. `texts` holds
what agencies say about their month, `files` writes reports and packs evidence, `mailing` sends the
report once a month. `score` rates the metadata, and `usage` counts views and downloads.
"""
