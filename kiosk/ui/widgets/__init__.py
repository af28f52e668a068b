"""The parts that both windows are made of. They know a style and a text, no visit."""
