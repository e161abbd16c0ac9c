CREATE TABLE region (
    id              INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), -- one row
    name            TEXT NOT NULL,                -- how pages name the region
    ingest_url      TEXT NOT NULL,                -- where nodes deliver, https://…
    leaf_days       INTEGER NOT NULL,             -- how long node and server certificates last
    rehearsal_clock TEXT,                         -- path of the clock file of a rehearsal; for ever
    created_at      TIMESTAMP NOT NULL            -- UTC
);

CREATE TABLE policy (
    hash          TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- SHA-256 of its canonical bytes, hexadecimal
    signed        TEXT NOT NULL,                  -- JWS by the region's policy key
    in_force_from TIMESTAMP NOT NULL,             -- UTC; when it was signed
    number        INTEGER NOT NULL UNIQUE         -- from 1, in the order of signing
);

CREATE TABLE enrolment (
    fingerprint TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- SHA-256 of the node certificate, hexadecimal
    borough     TEXT COLLATE "C" NOT NULL,        -- GSS code, as its URI name says
    release_key TEXT NOT NULL,                    -- Ed25519, base64url
    enrolled_at TIMESTAMP NOT NULL,               -- UTC
    enrolled_by TEXT NOT NULL,                    -- account
    not_after   TIMESTAMP NOT NULL,               -- UTC; the certificate's end
    first_quarter TEXT COLLATE "C" NOT NULL       -- quarter of the borough's first release, the same in all its rows
);

CREATE TABLE denial (
    number      INTEGER NOT NULL PRIMARY KEY,     -- from 1, without gaps
    fingerprint TEXT COLLATE "C" NOT NULL UNIQUE, -- of the certificate withdrawn
    denied_at   TIMESTAMP NOT NULL,               -- UTC
    denied_by   TEXT NOT NULL                     -- account
);
CREATE TRIGGER denial_is_never_changed BEFORE UPDATE OR DELETE ON denial
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER denial_is_never_truncated BEFORE TRUNCATE ON denial
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE log_head (
    id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), -- one row
    size INTEGER NOT NULL                         -- entries of the log; whoever appends locks this row first
);
INSERT INTO log_head (id, size) VALUES (1, 0);

CREATE TABLE log_entry (
    position INTEGER NOT NULL PRIMARY KEY,        -- from 0, without gaps
    kind     TEXT COLLATE "C" NOT NULL,           -- what was accepted: release, receipt, enrolment, …
    subject  TEXT COLLATE "C" NOT NULL,           -- what it speaks of
    body     TEXT NOT NULL,                       -- canonical JSON, the leaf of the tree
    UNIQUE (kind, subject)
);
CREATE TRIGGER log_entry_is_never_changed BEFORE UPDATE OR DELETE ON log_entry
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_entry_is_never_truncated BEFORE TRUNCATE ON log_entry
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE log_hash (
    place INTEGER NOT NULL PRIMARY KEY,           -- of a complete subtree, in the order in which they are completed
    hash  TEXT NOT NULL                           -- SHA-256 as RFC 9162 section 2.1.1 has it, hexadecimal
);
CREATE TRIGGER log_hash_is_never_changed BEFORE UPDATE OR DELETE ON log_hash
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_hash_is_never_truncated BEFORE TRUNCATE ON log_hash
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE recovery (
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), -- one row while nothing is accepted, else none
    since      TIMESTAMP NOT NULL,                -- UTC
    had_size   INTEGER NOT NULL,                  -- entries that it had once, as the file beside the database remembers
    known_size INTEGER NOT NULL,                  -- entries that somebody showed to know of
    forked     INTEGER NOT NULL CHECK (forked IN (0, 1)), -- 1 where a checkpoint signed here speaks of another history
    told_by    TEXT COLLATE "C" NOT NULL          -- borough that showed it, or account that restored a backup
);

CREATE TABLE witness (
    borough TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- GSS code
    size    INTEGER NOT NULL,                     -- entries of the newest checkpoint that it showed
    seen_at TIMESTAMP NOT NULL                    -- UTC; when it showed one last
);

CREATE TABLE release (
    log_index   INTEGER NOT NULL PRIMARY KEY,     -- place of its entry in the log, from 0
    borough     TEXT COLLATE "C" NOT NULL,        -- GSS code, from the certificate
    quarter     TEXT COLLATE "C" NOT NULL,        -- one release a quarter
    number      INTEGER NOT NULL,                 -- counts the borough's releases from 1
    policy      TEXT COLLATE "C" NOT NULL,        -- hash
    sha256      TEXT NOT NULL,                    -- of the bytes as received, hexadecimal
    bytes       TEXT NOT NULL,                    -- the signed release, JWS
    receipt     TEXT NOT NULL,                    -- the signed receipt, JWS, sent again as it is
    received_at TIMESTAMP NOT NULL,               -- UTC
    UNIQUE (borough, quarter),
    UNIQUE (borough, number)
);
CREATE TRIGGER release_is_never_changed BEFORE UPDATE OR DELETE ON release
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_is_never_truncated BEFORE TRUNCATE ON release
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE rejection (
    borough TEXT COLLATE "C" NOT NULL,            -- GSS code from the certificate, or empty
    kind    TEXT COLLATE "C" NOT NULL,            -- problem type
    count   INTEGER NOT NULL,                     -- how often; nothing else is kept
    last_at TIMESTAMP NOT NULL,                   -- UTC
    PRIMARY KEY (borough, kind)
);

CREATE TABLE draw_right (
    number      INTEGER NOT NULL PRIMARY KEY,     -- from 1, without gaps
    borough     TEXT COLLATE "C" NOT NULL,        -- GSS code
    kind        TEXT COLLATE "C" NOT NULL CHECK (kind IN ('given', 'renewed')), -- given to a node, or renewed by a person: the copy that was refused last is then the borough's node
    quarter     TEXT COLLATE "C" NOT NULL,        -- quarter to be drawn; empty where renewed
    policy      TEXT COLLATE "C" NOT NULL,        -- hash; empty where renewed
    nonce_sha256 TEXT COLLATE "C" NOT NULL,       -- SHA-256 of the request's nonce; where renewed, of the one refused last
    ledger_head TEXT COLLATE "C" NOT NULL,        -- of the node's ledger after its charge; empty where renewed
    at          TIMESTAMP NOT NULL,               -- UTC
    given_by    TEXT COLLATE "C" NOT NULL,        -- account that renewed it or carried the answer; empty where the node asked itself
    UNIQUE (kind, nonce_sha256)
);
CREATE INDEX draw_right_by_borough ON draw_right (borough, number);
CREATE TRIGGER draw_right_is_never_changed BEFORE UPDATE OR DELETE ON draw_right
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER draw_right_is_never_truncated BEFORE TRUNCATE ON draw_right
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE draw_refusal (
    borough      TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- GSS code
    nonce_sha256 TEXT COLLATE "C" NOT NULL,       -- SHA-256 of the nonce of the request that was refused last, as another copy had the right
    at           TIMESTAMP NOT NULL               -- UTC
);
