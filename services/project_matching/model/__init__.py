"""The rules of project matching: plain values and functions without any input or output."""
