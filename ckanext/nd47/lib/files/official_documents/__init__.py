"""Administrative documents in DOCX, in the form of Decree 30/2020/NĐ-CP.

`document` has the parts of a document, `writing.write` returns it as bytes. The form (page, styles,
prescribed words) is data, in `schemas/official-document.yaml`. The other modules need python-docx
and are imported by `writing` alone.
"""
