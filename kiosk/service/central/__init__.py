"""The central eligibility service: it asks the sources, applies the rules, and tells a colour.

An island: of the kiosk it knows only the domain's words and the contract on the wire.
"""
