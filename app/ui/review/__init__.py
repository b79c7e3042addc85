"""What only the Review page draws."""
