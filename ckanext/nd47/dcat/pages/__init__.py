"""Pages of the administrators about the export: what it holds, and what is left out."""
