"""The tests: unit, contract, ui, e2e, architecture, privacy."""
