"""How often datasets are viewed, downloaded and asked for by programs.

`counting` adds one to a number in Redis after a response, `flush` writes the numbers by day to the
database, `tracking` reads in what CKAN's own plugin has counted before, `robots` tells programs
from people. Nothing about a visitor is stored anywhere.
"""
