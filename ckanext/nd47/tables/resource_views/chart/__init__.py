"""The chart of a table: a picture that the server draws, with its figures as a table."""
