"""Reports as files: their columns, the formats, official documents, and packs of evidence."""
