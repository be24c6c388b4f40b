"""Files: tables in CSV, XLSX and DOCX, official documents, encodings, and their storage."""
