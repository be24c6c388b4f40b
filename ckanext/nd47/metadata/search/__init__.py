"""The search index: what is added to a dataset, and the facets of lists."""
