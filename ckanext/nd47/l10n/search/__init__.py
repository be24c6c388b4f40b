"""Search that a Vietnamese user expects, on CKAN's own Solr schema."""
