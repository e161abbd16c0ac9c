CREATE TABLE question (
    name       TEXT NOT NULL PRIMARY KEY,         -- its name; for ever
    hash       TEXT NOT NULL UNIQUE,              -- SHA-256 of its canonical bytes, hexadecimal
    signed     TEXT NOT NULL,                     -- as received, JWS
    adopted_at TEXT NOT NULL,                     -- UTC
    adopted_by TEXT NOT NULL                      -- account of the borough's officer
) STRICT;
CREATE TRIGGER question_is_never_changed BEFORE UPDATE ON question
BEGIN SELECT RAISE (ABORT, 'adopted questions are never changed'); END;
CREATE TRIGGER question_is_never_deleted BEFORE DELETE ON question
BEGIN SELECT RAISE (ABORT, 'adopted questions are never deleted'); END;
