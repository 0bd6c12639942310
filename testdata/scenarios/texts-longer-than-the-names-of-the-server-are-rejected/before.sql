CREATE TABLE tags (id name PRIMARY KEY, kind "char", others name[]);
