"""The guard that ships with Castor: its texts, the script that trains it, and its weights."""
