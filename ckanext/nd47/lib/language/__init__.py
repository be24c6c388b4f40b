"""Vietnamese text and translations: folding and order, catalogues, texts outside of a request."""
