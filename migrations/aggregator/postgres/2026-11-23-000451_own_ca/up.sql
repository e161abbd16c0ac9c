CREATE TABLE own_ca (
    fingerprint TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- SHA-256 of the authority's certificate, hexadecimal
    borough     TEXT COLLATE "C" NOT NULL,        -- GSS code of the one borough it speaks for
    certificate TEXT NOT NULL,                    -- in PEM
    trusted_at  TIMESTAMP NOT NULL,               -- UTC
    trusted_by  TEXT NOT NULL                     -- account
);
CREATE TRIGGER own_ca_is_never_changed BEFORE UPDATE ON own_ca
FOR EACH ROW EXECUTE FUNCTION refuse_change();
