"""What a command line asks: one module a command, each with its exit status."""
