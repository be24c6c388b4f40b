"""The national hand-over: what was sent, with which document, and what came back.

Nothing here sends anything: no source shows an interface of the national portal that takes
datasets. People send the annex, the address of the export or of the API, and record it here.
`records` holds the book, `other_side` reads a list or a feed of the other portal, `compare` says
how it differs from what was sent.
"""
