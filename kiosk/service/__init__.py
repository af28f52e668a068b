"""Asking the central service, and (as an island) the central service itself."""
