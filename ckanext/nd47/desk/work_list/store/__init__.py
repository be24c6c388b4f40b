"""What the rules say about each dataset, written at the commit that changes the dataset."""
