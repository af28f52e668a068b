"""The window at a desk: keyboard first."""
