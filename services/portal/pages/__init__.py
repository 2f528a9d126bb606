"""The pages of the console, split by noun; each module holds a router, `console.py` puts them together."""
