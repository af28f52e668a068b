"""The process with the window: states, verdicts and texts, no person."""
