SELECT * FROM "we""ird ta.ble-🐘"
