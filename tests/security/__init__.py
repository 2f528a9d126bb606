"""Who gets what, everywhere; and what must never be seen or stay open."""
