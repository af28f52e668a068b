"""What each frozen program starts with: as little as possible."""
