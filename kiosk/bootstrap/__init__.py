"""The composition root: the only place that names concrete adapters.

Four modules, because the process with the window must not wait for what only
a visit needs.
"""
