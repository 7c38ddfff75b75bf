"""Composes Castor: settings, addresses, processes. It may import every app; no app imports it."""
