"""Actions on checks of files, their authorisation and parameters."""
