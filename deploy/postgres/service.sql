-- {service}: its schema, and its login role, which can use that schema and nothing else.
CREATE SCHEMA IF NOT EXISTS {service} AUTHORIZATION migrator;
REVOKE ALL ON SCHEMA {service} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO {service};
GRANT USAGE ON SCHEMA {service} TO {service};
ALTER ROLE {service} IN DATABASE {database} SET search_path = {service}, public;
ALTER DEFAULT PRIVILEGES FOR ROLE migrator IN SCHEMA {service}
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {service};
ALTER DEFAULT PRIVILEGES FOR ROLE migrator IN SCHEMA {service} GRANT USAGE, SELECT ON SEQUENCES TO {service};
ALTER DEFAULT PRIVILEGES FOR ROLE migrator IN SCHEMA {service} GRANT EXECUTE ON FUNCTIONS TO {service};
ALTER DEFAULT PRIVILEGES FOR ROLE migrator IN SCHEMA {service} GRANT USAGE ON TYPES TO {service};
