"""Races: many at once over few places, and what each guard is there for.

Beside what a guard keeps stands its negative control: a test that takes it away and shows the
fault. The table of guards, their tests and controls is in docs/leases.md.
"""
