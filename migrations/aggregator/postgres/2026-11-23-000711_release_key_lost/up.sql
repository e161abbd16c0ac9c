CREATE TABLE release_key_lost (
    number  INTEGER NOT NULL PRIMARY KEY,      -- from 1, without gaps
    borough TEXT COLLATE "C" NOT NULL,         -- GSS code
    key     TEXT COLLATE "C" NOT NULL UNIQUE,  -- a release key that followed another and signs nothing, Ed25519, base64url
    lost_at TIMESTAMP NOT NULL,                -- UTC; when a person took the borough's word
    lost_by TEXT NOT NULL                      -- account
);
CREATE TRIGGER release_key_lost_is_never_changed BEFORE UPDATE OR DELETE ON release_key_lost
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_key_lost_is_never_truncated BEFORE TRUNCATE ON release_key_lost
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
