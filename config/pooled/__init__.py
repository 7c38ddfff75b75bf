"""A PostgreSQL at any address, as a database engine for Django (`base.DatabaseWrapper`)."""
