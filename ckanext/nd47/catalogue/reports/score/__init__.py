"""The score of metadata by the method of data.europa.eu, and the points of the portal's rules.

`method` reads the weights, `metrics` measures one dataset, `store` keeps the scores of all public
datasets, `todo` says what would bring the most points, `quality` writes a score as DQV.
"""
