SELECT id, _sdc_batched_at_3ac6764c, _sdc_batched_at IS NOT NULL AS batched FROM m ORDER BY id
