"""What the service does besides checks: rules to read, the audit to ask, answers to come back to.

Each module holds the addresses of one matter; ``messages`` is what stands on the wire.
"""
