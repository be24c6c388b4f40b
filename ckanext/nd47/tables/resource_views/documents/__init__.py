"""Documents in the page: PDF in the browser's own viewer, text and JSON as escaped text."""
