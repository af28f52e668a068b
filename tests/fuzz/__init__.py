"""Inputs made up by a machine, for everything that takes bytes of strangers.

Each target says what must hold whatever the bytes are. ``make test`` tries some, the same every
time; ``make soak`` tries ten million, led by what they reach in the code.
"""
