"""Rules of membership, identifiers and passwords; no I/O."""
