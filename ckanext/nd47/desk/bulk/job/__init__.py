"""The job of a run: its steps, how a dataset is saved, and the language of its messages."""
