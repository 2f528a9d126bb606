"""What people and machines may ask of the member registry; each takes a transaction and commits nothing."""
