CREATE TABLE release_key_lost (
    number  INTEGER NOT NULL PRIMARY KEY,      -- from 1, without gaps
    borough TEXT NOT NULL,                     -- GSS code
    key     TEXT NOT NULL UNIQUE,              -- a release key that followed another and signs nothing, Ed25519, base64url
    lost_at TEXT NOT NULL,                     -- UTC; when a person took the borough's word
    lost_by TEXT NOT NULL                      -- account
) STRICT;
CREATE TRIGGER release_key_lost_is_never_changed BEFORE UPDATE ON release_key_lost
BEGIN SELECT RAISE (ABORT, 'lost release keys are never changed'); END;
CREATE TRIGGER release_key_lost_is_never_deleted BEFORE DELETE ON release_key_lost
BEGIN SELECT RAISE (ABORT, 'lost release keys are never deleted'); END;
