"""What refuses every way to publish other than approval: in actions, and before a commit."""
