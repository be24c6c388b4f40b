"""RDF of the metadata: one mapping table, written (`dataset`, `profile`) and read (`reader`)."""
