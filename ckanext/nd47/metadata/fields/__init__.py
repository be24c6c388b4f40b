"""The fields (lĩnh vực) of datasets: what is published in each, and a page for each."""
