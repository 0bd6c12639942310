CREATE TABLE jsoned (id bigint, updated bigint, o json, v bigint);
