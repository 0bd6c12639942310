SELECT "Id", name, at, day, amount, ok, tags, nums, things, obj, small, _sdc_extracted_at, _sdc_deleted_at, _sdc_received_at > '2026-01-02' AS received FROM "Orders" ORDER BY 1
