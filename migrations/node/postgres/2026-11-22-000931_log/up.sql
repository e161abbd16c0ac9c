CREATE TABLE log_entry (
    position INTEGER NOT NULL PRIMARY KEY,        -- from 0, without gaps, as the region has it
    body     TEXT NOT NULL                        -- canonical JSON, the leaf of the tree
);
CREATE TRIGGER log_entry_is_never_changed BEFORE UPDATE OR DELETE ON log_entry
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_entry_is_never_truncated BEFORE TRUNCATE ON log_entry
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE checkpoint (
    size      INTEGER NOT NULL PRIMARY KEY,       -- entries of the region's log
    root      TEXT NOT NULL,                      -- hexadecimal
    signed    TEXT NOT NULL,                      -- JWS by the region's receipt key
    seen_at   TIMESTAMP NOT NULL                  -- UTC
);
CREATE TRIGGER checkpoint_is_never_changed BEFORE UPDATE OR DELETE ON checkpoint
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoint_is_never_truncated BEFORE TRUNCATE ON checkpoint
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
