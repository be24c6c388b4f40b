"""Catalogues as XLSX, CSV, JSON and DOCX, and read from the tables that offices have."""
