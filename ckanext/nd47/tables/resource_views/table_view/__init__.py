"""The table of a file for people: searched, filtered, sorted and paged by the server.

`query` reads the address, `rows` asks the DataStore through its actions, so that the table, the
download and the API give the same rows; `shown` writes values as people read them.
"""
