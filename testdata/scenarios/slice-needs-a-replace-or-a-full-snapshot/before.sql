CREATE TABLE sales (id bigint, "Account" xml, day date, n bigint);
