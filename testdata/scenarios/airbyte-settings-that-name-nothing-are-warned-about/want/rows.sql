SELECT id, fare FROM receipts
