CREATE VIEW report AS SELECT id, email FROM users_current; CREATE VIEW "Other" AS SELECT * FROM report;
