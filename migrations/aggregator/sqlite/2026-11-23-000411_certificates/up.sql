CREATE TABLE renewal (
    request     TEXT NOT NULL PRIMARY KEY,        -- SHA-256 of the signed request, hexadecimal
    fingerprint TEXT NOT NULL UNIQUE,             -- of the node certificate issued for it
    answer      TEXT NOT NULL,                    -- the signed answer, JWS, sent again as it is
    renewed_at  TEXT NOT NULL                     -- UTC
) STRICT;
CREATE TRIGGER renewal_is_never_changed BEFORE UPDATE ON renewal
BEGIN SELECT RAISE (ABORT, 'answered renewals are never changed'); END;
CREATE TRIGGER renewal_is_never_deleted BEFORE DELETE ON renewal
BEGIN SELECT RAISE (ABORT, 'answered renewals are never deleted'); END;
