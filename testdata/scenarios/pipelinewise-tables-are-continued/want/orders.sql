SELECT id, name, at, day, amount, ok, tags, nums, things, obj, small, _sdc_extracted_at, _sdc_deleted_at, _sdc_batched_at > '2026-01-02' AS batched FROM orders ORDER BY 1
