CREATE TABLE rejection (
    kind    TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- problem type, as the region told it last
    count   INTEGER NOT NULL,             -- how often so far
    last_at TIMESTAMP NOT NULL              -- UTC; the last time
);
