CREATE TABLE "Orders" ("orderID" bigint PRIMARY KEY, "First Name" text); INSERT INTO "Orders" VALUES (9, 'of the other target');
