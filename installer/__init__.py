"""Packages: the frozen program, the .deb, the MSI. None of it is in what is installed."""
