"""The system under test: servers and service processes of their own, every connection through a proxy."""
