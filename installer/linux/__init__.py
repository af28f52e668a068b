"""The Debian packages: the program, and the demo that is laid over it."""

from installer.linux.packages import build, why_not

__all__ = ["build", "why_not"]
