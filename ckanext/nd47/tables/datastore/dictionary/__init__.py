"""The data dictionary: what the columns of a table are called, measure and mean.

There is one source, the field `data_dictionary` of the resource: a line for each column. The
DataStore's own (`info` of its fields) and the headings of tables, charts and downloads follow from
it. `entries` reads and writes its lines, `columns` joins them with the table that is loaded.
"""
