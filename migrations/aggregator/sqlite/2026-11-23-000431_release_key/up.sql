CREATE TABLE release_key (
    number       INTEGER NOT NULL PRIMARY KEY,    -- from 1, without gaps
    borough      TEXT NOT NULL,                   -- GSS code
    old_key      TEXT NOT NULL,                   -- the key before, Ed25519, base64url
    new_key      TEXT NOT NULL UNIQUE,            -- the key after
    from_release INTEGER NOT NULL,                -- number of the first release that the key after signs
    kept_at      TEXT NOT NULL                    -- UTC
) STRICT;
CREATE TRIGGER release_key_is_never_changed BEFORE UPDATE ON release_key
BEGIN SELECT RAISE (ABORT, 'release keys are never changed'); END;
CREATE TRIGGER release_key_is_never_deleted BEFORE DELETE ON release_key
BEGIN SELECT RAISE (ABORT, 'release keys are never deleted'); END;
