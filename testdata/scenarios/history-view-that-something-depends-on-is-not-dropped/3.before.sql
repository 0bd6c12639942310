DROP VIEW "Other", report;
