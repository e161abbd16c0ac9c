CREATE TABLE notice (
    number  INTEGER NOT NULL PRIMARY KEY,         -- from 1, without gaps
    borough TEXT COLLATE "C" NOT NULL,            -- GSS code
    kind    TEXT COLLATE "C" NOT NULL CHECK (kind IN ('paused', 'left', 'resumed')), -- what the borough says of itself; the last holds
    reason  TEXT COLLATE "C" NOT NULL,            -- one of the fixed words; empty where resumed
    sha256  TEXT COLLATE "C" NOT NULL UNIQUE,     -- SHA-256 of the signed notice, hexadecimal
    at      TIMESTAMP NOT NULL                    -- UTC
);
CREATE TRIGGER notice_is_never_changed BEFORE UPDATE OR DELETE ON notice
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER notice_is_never_truncated BEFORE TRUNCATE ON notice
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
