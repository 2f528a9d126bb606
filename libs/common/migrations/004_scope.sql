-- migrate:up
-- The second wall behind the conditions of the queries: a transaction says in whose name it acts (libs/common/scope.py),
-- and policies compare rows with that. Nothing said means nothing seen. Policies call these as (SELECT …): once a query.
CREATE FUNCTION acting_as_service() RETURNS boolean STABLE LANGUAGE sql
    RETURN coalesce(current_setting('alliance.acting', true) = 'service', false);
CREATE FUNCTION acting_as_secretariat() RETURNS boolean STABLE LANGUAGE sql
    RETURN coalesce(current_setting('alliance.acting', true) = 'secretariat', false);
CREATE FUNCTION acting_account() RETURNS uuid STABLE LANGUAGE sql
    RETURN nullif(current_setting('alliance.account', true), '')::uuid;
CREATE FUNCTION acting_organisations() RETURNS uuid[] STABLE LANGUAGE sql
    RETURN coalesce(nullif(current_setting('alliance.organisations', true), ''), '{}')::uuid[];

-- Closes a table: the service itself sees all of it, a caller only rows for which `reads` holds. What a caller inserts,
-- changes or deletes must also pass `writes`; to lock a row it is enough to see it.
CREATE PROCEDURE keep_apart(relation regclass, reads text, writes text DEFAULT NULL) LANGUAGE plpgsql AS $$
DECLARE
    readable text := format('((SELECT acting_as_service()) OR (%s))', reads);
    writable text := format('((SELECT acting_as_service()) OR (%s))', coalesce(writes, reads));
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', relation);
    EXECUTE format('CREATE POLICY reads ON %s FOR SELECT USING %s', relation, readable);
    EXECUTE format('CREATE POLICY inserts ON %s FOR INSERT WITH CHECK %s', relation, writable);
    EXECUTE format('CREATE POLICY updates ON %s FOR UPDATE USING %s WITH CHECK %s', relation, readable, writable);
    EXECUTE format('CREATE POLICY deletes ON %s FOR DELETE USING %s', relation, writable);
END $$;
CREATE PROCEDURE keep_apart_no_more(relation regclass) LANGUAGE plpgsql AS $$
DECLARE
    policy name;
BEGIN
    FOR policy IN SELECT polname FROM pg_policy WHERE polrelid = relation LOOP
        EXECUTE format('DROP POLICY %I ON %s', policy, relation);
    END LOOP;
    EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY', relation);
END $$;

CALL keep_apart('idempotency_key', 'caller_id = (SELECT acting_account())');

-- migrate:down
CALL keep_apart_no_more('idempotency_key');
DROP PROCEDURE keep_apart_no_more, keep_apart;
DROP FUNCTION acting_organisations, acting_account, acting_as_secretariat, acting_as_service;
