CREATE TABLE release_key (
    number       INTEGER NOT NULL PRIMARY KEY,    -- from 1, without gaps
    old_key      TEXT COLLATE "C" NOT NULL,       -- the key before, Ed25519, base64url
    new_key      TEXT COLLATE "C" NOT NULL UNIQUE, -- the key after
    from_release INTEGER NOT NULL,                -- number of the first release that the key after signs
    request      TEXT NOT NULL,                   -- the rotation as both keys signed it, JSON, sent until it is answered
    made_at      TIMESTAMP NOT NULL,              -- UTC
    made_by      TEXT NOT NULL,                   -- account
    answer       TEXT,                            -- the region's signed answer, JWS; until then the key before signs, and nothing is sealed
    given_up_at  TIMESTAMP                        -- UTC; when the region said that the new key is lost, so that the key before goes on
);
CREATE TRIGGER release_key_is_never_changed BEFORE UPDATE ON release_key FOR EACH ROW
WHEN (OLD.answer IS NOT NULL OR NEW.new_key <> OLD.new_key OR NEW.from_release <> OLD.from_release)
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_key_is_never_deleted BEFORE DELETE ON release_key
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_key_is_never_truncated BEFORE TRUNCATE ON release_key
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
