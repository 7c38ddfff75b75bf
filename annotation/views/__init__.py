"""The annotator's pages: home, the labelling page, and the ways to part from an item."""
