"""What each state looks like, as values: no Qt, no clock, nothing personal but what is shown."""
