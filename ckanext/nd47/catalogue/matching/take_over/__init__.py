"""The free text of datasets about catalogues, taken over into catalogues and items."""
