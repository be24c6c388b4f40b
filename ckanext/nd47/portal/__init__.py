"""Public pages for a portal without its own theme: home, agencies, text pages, sitemap.

`figures` counts public datasets, `home` and `agencies` collect the content of their pages,
`identity` and `texts` describe the operator, `openapi` describes the API, `sitemap` lists the pages
for search engines.
"""

PUBLIC = ()
"""No other room imports it: a portal's own theme may replace it."""
