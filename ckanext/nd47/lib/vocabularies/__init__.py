"""Code lists: `vocabulary` looks codes up, `vocabulary_file` reads and validates the files."""
