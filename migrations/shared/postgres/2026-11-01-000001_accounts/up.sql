CREATE TABLE account (
    name          TEXT COLLATE "C" NOT NULL PRIMARY KEY,  -- what a person types to sign in; lower case
    display_name  TEXT NOT NULL,                  -- how pages and records name the person
    role          TEXT NOT NULL,                  -- one of the program's roles
    password_hash TEXT NOT NULL,                  -- Argon2id in PHC form
    created_at    TIMESTAMP NOT NULL,             -- UTC
    failures      INTEGER NOT NULL DEFAULT 0,     -- failed sign-ins since the last success
    locked_until  TIMESTAMP                       -- UTC; no sign-in before it
);

CREATE TABLE session (
    token_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,     -- SHA-256 of the cookie's token, hexadecimal
    account    TEXT COLLATE "C" NOT NULL REFERENCES account (name) ON DELETE CASCADE, -- whose session it is
    form_token TEXT NOT NULL,                     -- what every form of this session carries
    opened_at  TIMESTAMP NOT NULL,                -- UTC
    expires_at TIMESTAMP NOT NULL                 -- UTC
);

CREATE TABLE act_head (
    id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), -- one row: the end of the chain
    seq  BIGINT NOT NULL,                         -- number of the last act, 0 before the first
    hash TEXT NOT NULL                            -- hash of the last act, hexadecimal
);
INSERT INTO act_head (id, seq, hash) VALUES (1, 0, '');

CREATE TABLE act (
    seq    BIGINT NOT NULL PRIMARY KEY,           -- from 1, without gaps
    at     TIMESTAMP NOT NULL,                    -- UTC
    actor  TEXT NOT NULL,                         -- account, or the name of a duty
    verb   TEXT NOT NULL,                         -- what was done, one word
    object TEXT NOT NULL,                         -- to what; never a person's data
    hash   TEXT NOT NULL                          -- SHA-256 over the hash before and this row, hexadecimal
);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is never changed or deleted', TG_TABLE_NAME; END $$;
CREATE TRIGGER act_is_never_changed BEFORE UPDATE OR DELETE ON act
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER act_is_never_truncated BEFORE TRUNCATE ON act
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
