"""What only the Detect page draws."""
