"""What the Learn page alone draws."""
