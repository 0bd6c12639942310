-- Returns the numbers, from 1, of those texts that the server refuses with the SQLSTATE $3, or that do not meet a
-- condition. $1 and $2 are the SELECT before and after the text. Whatever else is wrong with a text stays to be found.
CREATE FUNCTION pg_temp._singular_unfit(given text[]) RETURNS bigint[] LANGUAGE plpgsql AS $function$
DECLARE
    unfit bigint[] := '{}';
    fits boolean;
BEGIN
    FOR n IN 1 .. pg_catalog.cardinality(given) LOOP
        BEGIN
            EXECUTE $1 OPERATOR(pg_catalog.||) pg_catalog.quote_literal(given[n]) OPERATOR(pg_catalog.||) $2 INTO fits;
            IF NOT fits THEN
                unfit := pg_catalog.array_append(unfit, n::bigint);
            END IF;
        EXCEPTION WHEN OTHERS THEN
            IF SQLSTATE OPERATOR(pg_catalog.=) $3 THEN
                unfit := pg_catalog.array_append(unfit, n::bigint);
            END IF;
        END;
    END LOOP;
    RETURN unfit;
END
$function$
