"""Catalogues and their editions: drafted, proposed, issued, compared, handed over."""
