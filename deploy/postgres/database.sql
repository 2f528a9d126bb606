-- What holds for the whole database. Run by a superuser, any number of times.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;

-- Nobody gets in, or makes anything, by being nobody in particular.
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;
REVOKE CONNECT ON DATABASE template1 FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- The migration role makes every object, and what it makes is nobody else's unless said so for a schema.
GRANT CONNECT ON DATABASE {database} TO migrator;
ALTER ROLE migrator SET lock_timeout = '10s';        -- a migration gives way rather than hold up the services
ALTER ROLE migrator SET statement_timeout = '10min';
ALTER DEFAULT PRIVILEGES FOR ROLE migrator REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE migrator REVOKE USAGE ON TYPES FROM PUBLIC;
ALTER ROLE migrator SET alliance.acting = 'service'; -- it owns every row: policies would hide them from its migrations
GRANT SET ON PARAMETER alliance.acting TO migrator;    -- some functions answer as the service itself
