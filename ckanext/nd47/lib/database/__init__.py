"""What the suite's tables have in common: whether they are migrated, and an index of words."""
