"""All SQL of the member registry."""
