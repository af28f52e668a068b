"""Who asks: clients and their keys, devices, tokens, operators, and how often they may ask.

Without it (``auth = "none"``, for tests on the machine itself) everybody may ask everything.
"""
