"""The demonstration: real public records and fictional hospitals, loaded and played through the public API."""
