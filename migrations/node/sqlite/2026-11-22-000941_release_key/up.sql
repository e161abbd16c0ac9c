CREATE TABLE release_key (
    number       INTEGER NOT NULL PRIMARY KEY,    -- from 1, without gaps
    old_key      TEXT NOT NULL,                   -- the key before, Ed25519, base64url
    new_key      TEXT NOT NULL UNIQUE,            -- the key after
    from_release INTEGER NOT NULL,                -- number of the first release that the key after signs
    request      TEXT NOT NULL,                   -- the rotation as both keys signed it, JSON, sent until it is answered
    made_at      TEXT NOT NULL,                   -- UTC
    made_by      TEXT NOT NULL,                   -- account
    answer       TEXT,                            -- the region's signed answer, JWS; until then the key before signs, and nothing is sealed
    given_up_at  TEXT                             -- UTC; when the region said that the new key is lost, so that the key before goes on
) STRICT;
CREATE TRIGGER release_key_is_never_changed BEFORE UPDATE ON release_key
WHEN OLD.answer IS NOT NULL OR NEW.new_key <> OLD.new_key OR NEW.from_release <> OLD.from_release
BEGIN SELECT RAISE (ABORT, 'release keys are never changed'); END;
CREATE TRIGGER release_key_is_never_deleted BEFORE DELETE ON release_key
BEGIN SELECT RAISE (ABORT, 'release keys are never deleted'); END;
