"""Many datasets changed at once, with a preview, as a job, and undone as one.

`changes` is the contract for everything that changes many datasets: it plans a run, applies it and
undoes it. `saving` saves one dataset of a run, `kinds` says what a kind of run does differently,
and `model` has the tables. The rest is the kind `list`: `selection` chooses datasets, `fields` says
what can be set, `values` computes the new values, `form` reads them from a page.
"""
