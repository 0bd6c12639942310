CREATE TABLE snapshot_2 AS SELECT id, v FROM snapshot;
CREATE TABLE version_2 AS SELECT id, v FROM version;
CREATE TABLE marked_2 AS SELECT id, v, _singular_deleted FROM marked;
CREATE TABLE closed_2 AS SELECT id, v, _singular_active FROM closed;
