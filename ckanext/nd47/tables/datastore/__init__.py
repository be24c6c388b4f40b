"""Tables of files in the DataStore: `loading` writes them, `dictionary` describes their columns."""
