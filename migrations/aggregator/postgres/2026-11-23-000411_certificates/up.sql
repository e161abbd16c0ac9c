CREATE TABLE renewal (
    request     TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- SHA-256 of the signed request, hexadecimal
    fingerprint TEXT COLLATE "C" NOT NULL UNIQUE, -- of the node certificate issued for it
    answer      TEXT NOT NULL,                    -- the signed answer, JWS, sent again as it is
    renewed_at  TIMESTAMP NOT NULL                -- UTC
);
CREATE TRIGGER renewal_is_never_changed BEFORE UPDATE OR DELETE ON renewal
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER renewal_is_never_truncated BEFORE TRUNCATE ON renewal
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
