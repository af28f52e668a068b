"""The MSI: made on Windows, or elsewhere with Wine as a preview."""

from installer.windows.package import build, why_not

__all__ = ["build", "why_not"]
