"""What accounts may see and name of the register, and their roles in agencies."""
