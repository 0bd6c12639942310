CREATE TABLE spans (id interval day PRIMARY KEY, v text);
CREATE TABLE reals (id real[] PRIMARY KEY, v text);
CREATE TABLE moments (id timestamp(0)[] PRIMARY KEY, v text);
CREATE TABLE zeros (id double precision PRIMARY KEY, v text);
