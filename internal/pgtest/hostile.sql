-- A schema that has a trap of every operator, function and type of pg_catalog. What is called in their place
-- leaves its name in the table calls.
CREATE SCHEMA hostile;
GRANT USAGE ON SCHEMA hostile TO PUBLIC;
CREATE TABLE hostile.calls (what text);
GRANT INSERT, SELECT ON hostile.calls TO PUBLIC;

DO $do$
DECLARE
    made record;
    arguments text;
BEGIN
    -- Functions of the same arguments. Where PL/pgSQL has no such arguments there is no trap.
    FOR made IN
        SELECT p.oid, p.proname, p.pronargs, p.proretset, pg_get_function_result(p.oid) AS result, pg_get_function_identity_arguments(p.oid) AS arguments
        FROM pg_proc AS p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
          AND p.prorettype <> ALL ('{internal,trigger,event_trigger,cstring,index_am_handler,table_am_handler,fdw_handler,language_handler,tsm_handler}'::regtype[])
          AND NOT 'internal'::regtype = ANY (p.proargtypes) AND NOT 'cstring'::regtype = ANY (p.proargtypes)
    LOOP
        BEGIN
            EXECUTE format(
                'CREATE FUNCTION hostile.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L',
                made.proname, replace(made.arguments, 'ORDER BY', ','), made.result,
                format('BEGIN INSERT INTO hostile.calls VALUES (%L); RETURN%s; END', made.oid::regprocedure, CASE WHEN made.proretset THEN '' ELSE ' NULL' END)
            );
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;
    -- Operators of the same operands, and of varchar, which has none of its own.
    FOR made IN
        SELECT DISTINCT o.oprname, CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END AS l, format_type(o.oprright, NULL) AS r, format_type(o.oprresult, NULL) AS result
        FROM pg_operator AS o
        WHERE o.oprnamespace = 'pg_catalog'::regnamespace
        UNION ALL
        SELECT n.name, l, r, 'boolean'
        FROM unnest('{=,<>,<,<=,>,>=}'::text[]) AS n (name),
            unnest('{varchar,text}'::text[]) AS l, unnest('{varchar,text}'::text[]) AS r
        WHERE l <> r OR l = 'varchar'
    LOOP
        arguments := concat_ws(', ', made.l, made.r);
        BEGIN
            EXECUTE format('CREATE FUNCTION hostile.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', 'operator ' || made.oprname, arguments, made.result,
                format('BEGIN INSERT INTO hostile.calls VALUES (%L); RETURN NULL; END', made.oprname || ' (' || arguments || ')'));
            EXECUTE format('CREATE OPERATOR hostile.%s (FUNCTION = hostile.%I%s, RIGHTARG = %s)', made.oprname, 'operator ' || made.oprname,
                ', LEFTARG = ' || made.l, made.r);
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;
    -- Types. A table is a type, too.
    FOR made IN
        SELECT t.typname FROM pg_type AS t
        WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype = 'b' AND t.typname !~ '^_'
    LOOP
        EXECUTE format('CREATE TABLE hostile.%I (trap int4)', made.typname);
        EXECUTE format('GRANT ALL ON hostile.%I TO PUBLIC', made.typname);
    END LOOP;
END $do$;
