"""What only the Patches page draws."""
