"""Trainers that nobody changed, on what Castor exports."""
