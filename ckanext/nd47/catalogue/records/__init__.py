"""Tables of the catalogues, their rows and history, and the fields of catalogues and items."""
