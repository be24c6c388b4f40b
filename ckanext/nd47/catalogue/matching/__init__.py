"""Items and datasets: which belong together, and which miss the other.

`take_over` makes catalogues and items of the free text of datasets.
"""
