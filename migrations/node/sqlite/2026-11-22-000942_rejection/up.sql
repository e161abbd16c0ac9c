CREATE TABLE rejection (
    kind    TEXT NOT NULL PRIMARY KEY, -- problem type, as the region told it last
    count   INTEGER NOT NULL,             -- how often so far
    last_at TEXT NOT NULL              -- UTC; the last time
) STRICT;
