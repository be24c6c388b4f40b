"""Import of the register from CSV and XLSX files, and its export."""
