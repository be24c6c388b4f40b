"""Actions of the desk, their authorisation and parameters."""
