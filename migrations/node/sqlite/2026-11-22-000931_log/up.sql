CREATE TABLE log_entry (
    position INTEGER NOT NULL PRIMARY KEY,        -- from 0, without gaps, as the region has it
    body     TEXT NOT NULL                        -- canonical JSON, the leaf of the tree
) STRICT;
CREATE TRIGGER log_entry_is_never_changed BEFORE UPDATE ON log_entry
BEGIN SELECT RAISE (ABORT, 'the log only grows'); END;
CREATE TRIGGER log_entry_is_never_deleted BEFORE DELETE ON log_entry
BEGIN SELECT RAISE (ABORT, 'the log only grows'); END;

CREATE TABLE checkpoint (
    size      INTEGER NOT NULL PRIMARY KEY,       -- entries of the region's log
    root      TEXT NOT NULL,                      -- hexadecimal
    signed    TEXT NOT NULL,                      -- JWS by the region's receipt key
    seen_at   TEXT NOT NULL                       -- UTC
) STRICT;
CREATE TRIGGER checkpoint_is_never_changed BEFORE UPDATE ON checkpoint
BEGIN SELECT RAISE (ABORT, 'checkpoints are never changed'); END;
CREATE TRIGGER checkpoint_is_never_deleted BEFORE DELETE ON checkpoint
BEGIN SELECT RAISE (ABORT, 'checkpoints are never deleted'); END;
