"""The embedded PostgreSQL: where it lies, who keeps it running, how Django reaches it.

Django takes this package as a database engine (`base.DatabaseWrapper`). The server belongs to no
process: a keeper runs it for as long as any process of Castor holds it (docs/running.md).
"""
