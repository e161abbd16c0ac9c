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
    size INTEGER NOT NULL                         -- releases received so far
);
INSERT INTO log_head (id, size) VALUES (1, 0);

CREATE TABLE release (
    log_index   INTEGER NOT NULL PRIMARY KEY,     -- from 0, without gaps
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
    kind        TEXT COLLATE "C" NOT NULL CHECK (kind IN ('given', 'renewed')), -- given to a node, or renewed by a person: whoever asks next is the borough's node
    quarter     TEXT COLLATE "C" NOT NULL,        -- quarter to be drawn; empty where renewed
    policy      TEXT COLLATE "C" NOT NULL,        -- hash; empty where renewed
    nonce       TEXT COLLATE "C" NOT NULL UNIQUE, -- of the node's request; where renewed a random one that nobody knows
    ledger_head TEXT COLLATE "C" NOT NULL,        -- of the node's ledger after its charge; empty where renewed
    at          TIMESTAMP NOT NULL,               -- UTC
    given_by    TEXT COLLATE "C" NOT NULL         -- account that renewed it or carried the answer; empty where the node asked itself
);
CREATE INDEX draw_right_by_borough ON draw_right (borough, number);
CREATE TRIGGER draw_right_is_never_changed BEFORE UPDATE OR DELETE ON draw_right
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER draw_right_is_never_truncated BEFORE TRUNCATE ON draw_right
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
