"""The people of a small alliance at a bounded rate, through the real HTTP API, and what they were answered."""
