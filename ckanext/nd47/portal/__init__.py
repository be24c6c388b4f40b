"""The public face, for a portal without a theme of its own: home, agencies, pages of text, sitemap.

`figures` counts what is public, `home` and `agencies` gather what their pages show, `identity` and
`texts` say who runs the portal, `openapi` describes the API, `sitemap` lists the pages for search
engines.
"""

PUBLIC = ()
"""No other room needs it: a theme of the portal's own takes its place."""
