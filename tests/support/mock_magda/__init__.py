"""A MAGDA that is none: real HTTPS with mutual TLS on this machine, answers from files, and faults.

As a program: ``python -m tests.support.mock_magda --help``. Never for production.
"""
