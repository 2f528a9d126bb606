"""Makes servers ready for the services: roles, schemas, migrations and topics; the same locally and in Compose."""
