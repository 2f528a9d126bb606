"""What can go wrong, each kind a small class: it strikes, it is healed, and it can show that it happened."""
