CREATE TABLE "public-Orders" ("orderID" bigint PRIMARY KEY, "First Name" text); INSERT INTO "public-Orders" VALUES (9, 'before');
