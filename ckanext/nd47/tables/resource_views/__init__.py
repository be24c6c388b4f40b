"""Views of a resource: its table, map, chart or document, each in a package of its own.

The modules beside them are what the views share: access, columns, cached content, responses, and
the view alone for a frame on another page.
"""
