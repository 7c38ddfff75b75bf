"""The curator's pages. They show what people and machines said, so they stand on the roof."""
