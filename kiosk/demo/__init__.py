"""Practice: a simulated card and a central service on this machine, real visits."""
