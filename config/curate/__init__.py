"""The curator's pages. They show what people and machines said of one item, so they stand on the roof."""
