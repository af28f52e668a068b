"""What has to hold for the tree as a whole."""
