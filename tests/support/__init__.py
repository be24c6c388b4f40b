"""What tests share: fixtures, databases, loaded plugins, records and hostile texts."""
