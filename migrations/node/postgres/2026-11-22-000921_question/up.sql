CREATE TABLE question (
    name       TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- its name; for ever
    hash       TEXT COLLATE "C" NOT NULL UNIQUE,  -- SHA-256 of its canonical bytes, hexadecimal
    signed     TEXT NOT NULL,                     -- as received, JWS
    adopted_at TIMESTAMP NOT NULL,                -- UTC
    adopted_by TEXT NOT NULL                      -- account of the borough's officer
);
CREATE TRIGGER question_is_never_changed BEFORE UPDATE OR DELETE ON question
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER question_is_never_truncated BEFORE TRUNCATE ON question
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
