"""Reports: figures by agency, field, kind and month, the leader's page, evidence, messages.

`facts` says what is so today, `snapshot` stores it by month, `figures` adds both up in the same
way, `texts` holds what agencies say about their month. `export` and `document` write files,
`evidence` packs them, `mailing` sends the report once a month.
"""
