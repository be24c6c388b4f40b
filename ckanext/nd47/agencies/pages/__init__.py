"""Pages of agencies: views, template helpers, and names in the language of the page."""
