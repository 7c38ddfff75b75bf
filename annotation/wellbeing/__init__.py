"""Wellbeing: what a person is spared, what was before his eyes, and when it is enough."""
