"""Actions of the approval, their authorisation and parameters."""
