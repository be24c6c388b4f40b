"""Code lists of the portal as an administrator and other programs see them."""
