CREATE TABLE question (
    name       TEXT NOT NULL PRIMARY KEY,         -- its name; for ever
    hash       TEXT NOT NULL UNIQUE,              -- SHA-256 of its canonical bytes, hexadecimal
    signed     TEXT NOT NULL,                     -- JWS by the region's policy key
    asked_at   TEXT NOT NULL,                     -- UTC
    asked_by   TEXT NOT NULL                      -- account
) STRICT;
CREATE TRIGGER question_is_never_changed BEFORE UPDATE ON question
BEGIN SELECT RAISE (ABORT, 'signed questions are never changed'); END;
CREATE TRIGGER question_is_never_deleted BEFORE DELETE ON question
BEGIN SELECT RAISE (ABORT, 'signed questions are never deleted'); END;
