"""The ground floor: configuration, data files, code lists, values and Vietnamese text.

All rooms may import these modules; none of them imports a room. `config` has the options, `data`
finds and reads data files, `plugins` and `inputs` are for plugin classes and actions. The packages
hold what belongs together: `calendar`, `database`, `fields`, `files`, `language`, `vocabularies`,
`web`.
"""
