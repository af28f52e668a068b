"""Tariefwijzer: a card in a reader, a proven person, a tariff verdict."""

__version__ = "0.1.0"
