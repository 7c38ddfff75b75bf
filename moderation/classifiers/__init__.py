"""The classifiers that screen: one contract, and the only rooms that use torch and transformers.

Importing this package, `contract`, `label_maps`, `batches`, `folders`, `addresses`, `reading` or
`loading` does not import torch: a web process may do so. `load_classifier` imports it, once, in
the worker that screens.
"""
