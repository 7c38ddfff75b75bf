"""The Hub: what is read from it, and what is published to it."""
