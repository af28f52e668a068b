"""The window of a terminal nobody looks after."""
