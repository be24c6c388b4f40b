"""Code lists of the portal for administrators and API clients."""
