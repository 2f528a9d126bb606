"""The whole system on one machine without Docker: real PostgreSQL, real Kafka and every service as a process."""
