CREATE TABLE account (
    name          TEXT NOT NULL PRIMARY KEY,      -- what a person types to sign in; lower case
    display_name  TEXT NOT NULL,                  -- how pages and records name the person
    role          TEXT NOT NULL,                  -- one of the program's roles
    password_hash TEXT NOT NULL,                  -- Argon2id in PHC form
    created_at    TEXT NOT NULL,        -- UTC
    failures      INTEGER NOT NULL DEFAULT 0,     -- failed sign-ins since the last success
    locked_until  TEXT                  -- UTC; no sign-in before it
) STRICT;

CREATE TABLE session (
    token_hash TEXT NOT NULL PRIMARY KEY,         -- SHA-256 of the cookie's token, hexadecimal
    account    TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE, -- whose session it is
    form_token TEXT NOT NULL,                     -- what every form of this session carries
    opened_at  TEXT NOT NULL,           -- UTC
    expires_at TEXT NOT NULL            -- UTC
) STRICT;

CREATE TABLE act_head (
    id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), -- one row: the end of the chain
    seq  INTEGER NOT NULL,                         -- number of the last act, 0 before the first
    hash TEXT NOT NULL                            -- hash of the last act, hexadecimal
) STRICT;
INSERT INTO act_head (id, seq, hash) VALUES (1, 0, '');

CREATE TABLE act (
    seq    INTEGER NOT NULL PRIMARY KEY,           -- from 1, without gaps
    at     TEXT NOT NULL,               -- UTC
    actor  TEXT NOT NULL,                         -- account, or the name of a duty
    verb   TEXT NOT NULL,                         -- what was done, one word
    object TEXT NOT NULL,                         -- to what; never a person's data
    hash   TEXT NOT NULL                          -- SHA-256 over the hash before and this row, hexadecimal
) STRICT;
CREATE TRIGGER act_is_never_changed BEFORE UPDATE ON act
BEGIN SELECT RAISE (ABORT, 'acts are never changed'); END;
CREATE TRIGGER act_is_never_deleted BEFORE DELETE ON act
BEGIN SELECT RAISE (ABORT, 'acts are never deleted'); END;
