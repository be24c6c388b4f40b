"""What everybody reads of the catalogues: pages, the block of a dataset, planned items as RDF."""
