CREATE TABLE own_ca (
    fingerprint TEXT NOT NULL PRIMARY KEY,        -- SHA-256 of the authority's certificate, hexadecimal
    borough     TEXT NOT NULL,                    -- GSS code of the one borough it speaks for
    certificate TEXT NOT NULL,                    -- in PEM
    trusted_at  TEXT NOT NULL,                    -- UTC
    trusted_by  TEXT NOT NULL                     -- account
) STRICT;
CREATE TRIGGER own_ca_is_never_changed BEFORE UPDATE ON own_ca
BEGIN SELECT RAISE (ABORT, 'a council''s authority is never changed'); END;
