CREATE TABLE notice (
    number  INTEGER NOT NULL PRIMARY KEY,         -- from 1, without gaps
    borough TEXT NOT NULL,                        -- GSS code
    kind    TEXT NOT NULL CHECK (kind IN ('paused', 'left', 'resumed')), -- what the borough says of itself; the last holds
    reason  TEXT NOT NULL,                        -- one of the fixed words; empty where resumed
    sha256  TEXT NOT NULL UNIQUE,                 -- SHA-256 of the signed notice, hexadecimal
    at      TEXT NOT NULL                         -- UTC
) STRICT;
CREATE TRIGGER notice_is_never_changed BEFORE UPDATE ON notice
BEGIN SELECT RAISE (ABORT, 'notices are never changed'); END;
CREATE TRIGGER notice_is_never_deleted BEFORE DELETE ON notice
BEGIN SELECT RAISE (ABORT, 'notices are never deleted'); END;
