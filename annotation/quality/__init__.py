"""Quality: what people learn before they work, what they are measured by, and what follows."""
