"""The routes of the export: they read the store and never write."""
