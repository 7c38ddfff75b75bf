"""Consensus: what many answers say together, and how many people are asked for one."""
