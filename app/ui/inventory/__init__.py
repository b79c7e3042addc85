"""What only the Inventory page draws."""
