-- Returns the numbers, from 1, of those queries that the server refuses with the SQLSTATE $1, or whose answer is no.
-- Queries with other faults are not among them.
CREATE FUNCTION pg_temp._singular_unfit(given text[]) RETURNS bigint[] LANGUAGE plpgsql AS $function$
DECLARE
    unfit bigint[] := '{}';
    fits boolean;
BEGIN
    FOR n IN 1 .. pg_catalog.cardinality(given) LOOP
        BEGIN
            EXECUTE given[n] INTO fits;
            IF NOT fits THEN
                unfit := pg_catalog.array_append(unfit, n::bigint);
            END IF;
        EXCEPTION WHEN OTHERS THEN
            IF SQLSTATE OPERATOR(pg_catalog.=) $1 THEN
                unfit := pg_catalog.array_append(unfit, n::bigint);
            END IF;
        END;
    END LOOP;
    RETURN unfit;
END
$function$
