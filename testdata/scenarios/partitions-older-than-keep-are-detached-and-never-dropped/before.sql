CREATE TABLE events_2001_02 (mine text);
