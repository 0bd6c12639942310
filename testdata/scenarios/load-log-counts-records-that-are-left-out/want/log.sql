SELECT dense_rank() OVER (ORDER BY started_at) AS run, state_id, stream, table_name, load_mode, finished_at >= started_at AS ended,
    read, inserted, updated, unchanged, deleted, rejected, bytes, error
FROM _singular_loads
ORDER BY 1, stream
