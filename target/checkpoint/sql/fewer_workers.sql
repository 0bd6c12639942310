-- Bounds the connections that the coordinator of Citus makes to each worker for this transaction, and has it keep them for the next one.
SELECT set_config(name, (CASE WHEN most THEN least(set, 4) ELSE greatest(set, 4) END)::text, true)
FROM (VALUES ('citus.max_adaptive_executor_pool_size', true), ('citus.max_cached_conns_per_worker', false)) AS s (name, most)
CROSS JOIN LATERAL (SELECT nullif(current_setting(name, true), '')::int) AS c (set)
WHERE set IS NOT NULL
