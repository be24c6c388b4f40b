"""Items and datasets: which belong together, and which miss the other."""
