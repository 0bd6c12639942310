SELECT line, reason, _sdc_extracted_at, _sdc_batched_at >= _sdc_received_at AS batched, _sdc_received_at > now() - interval '1 hour' AS received,
    abs(_sdc_sequence - extract(epoch FROM _sdc_received_at) * 1000) < 60000 AS numbered, _sdc_deleted_at,
    _sdc_sync_started_at = (SELECT min(_sdc_sync_started_at) FROM t) AS of_the_run
FROM _singular_rejected ORDER BY line
