"""The HTTP side of project matching, by noun."""
