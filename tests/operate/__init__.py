"""What an operator does on a bad day, on real servers that may be broken."""
