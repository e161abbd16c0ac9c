CREATE TABLE release_key (
    number       INTEGER NOT NULL PRIMARY KEY,    -- from 1, without gaps
    borough      TEXT COLLATE "C" NOT NULL,       -- GSS code
    old_key      TEXT COLLATE "C" NOT NULL,       -- the key before, Ed25519, base64url
    new_key      TEXT COLLATE "C" NOT NULL UNIQUE, -- the key after
    from_release INTEGER NOT NULL,                -- number of the first release that the key after signs
    kept_at      TIMESTAMP NOT NULL               -- UTC
);
CREATE TRIGGER release_key_is_never_changed BEFORE UPDATE OR DELETE ON release_key
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_key_is_never_truncated BEFORE TRUNCATE ON release_key
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
