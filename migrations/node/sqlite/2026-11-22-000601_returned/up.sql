CREATE TABLE release_return (
    id          INTEGER NOT NULL PRIMARY KEY,     -- from 1, without gaps
    quarter     TEXT NOT NULL,                    -- the quarter returned
    salted_hash TEXT NOT NULL,                    -- of the tables returned, hexadecimal
    returned_at TEXT NOT NULL,                    -- UTC
    returned_by TEXT NOT NULL,                    -- account of the approver
    comment     TEXT NOT NULL,                    -- why, in words; never leaves the node
    signed      TEXT NOT NULL                     -- the approver's signed word, JWS
) STRICT;
CREATE TRIGGER release_return_is_never_changed BEFORE UPDATE ON release_return
BEGIN SELECT RAISE (ABORT, 'returns are never changed'); END;
CREATE TRIGGER release_return_is_never_deleted BEFORE DELETE ON release_return
BEGIN SELECT RAISE (ABORT, 'returns are never deleted'); END;
CREATE TRIGGER approval_is_not_of_returned_tables BEFORE INSERT ON approval WHEN EXISTS (
    SELECT 1 FROM release_return WHERE quarter = NEW.quarter AND salted_hash = NEW.salted_hash
)
BEGIN SELECT RAISE (ABORT, 'a release that was returned is prepared again before it is approved'); END;

CREATE TABLE returned_table (
    policy  TEXT NOT NULL,                        -- hash of the policy
    stream  TEXT NOT NULL,                        -- name of the stream
    quarter TEXT NOT NULL,                        -- the quarter last returned
    sealed  BLOB NOT NULL,                        -- as it was frozen; thrown away once the quarter is approved
    PRIMARY KEY (policy, stream, quarter)
) STRICT;
