"""The labelling page: what it shows of an item, and what it takes from its person."""
