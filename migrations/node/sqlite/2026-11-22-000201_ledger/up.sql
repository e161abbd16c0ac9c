CREATE TABLE node (
    id              INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), -- one row
    borough         TEXT NOT NULL,                -- GSS code; for ever
    rehearsal_clock TEXT,                         -- path of the clock file of a rehearsal; for ever
    created_at      TEXT NOT NULL,                -- UTC
    bundle          TEXT,                         -- the enrolment bundle as received, JSON
    journal_destroyed_at TEXT                     -- when the key that names lines was destroyed, UTC; null while it is kept
) STRICT;

CREATE TABLE policy (
    hash       TEXT NOT NULL PRIMARY KEY,         -- SHA-256 of its canonical bytes, hexadecimal
    signed     TEXT NOT NULL,                     -- as received, JWS
    adopted_at TEXT NOT NULL,                     -- UTC
    adopted_by TEXT NOT NULL                      -- account of the borough's officer
) STRICT;

CREATE TABLE ledger_head (
    id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), -- one row: the end of the chain
    seq  INTEGER NOT NULL,                        -- number of the last line, 0 before the first
    hash TEXT NOT NULL                            -- hash of the last line, hexadecimal
) STRICT;
INSERT INTO ledger_head (id, seq, hash) VALUES (1, 0, '');

CREATE TABLE ledger (
    seq      INTEGER NOT NULL PRIMARY KEY,        -- from 1, without gaps
    at       TEXT NOT NULL,                       -- UTC
    kind     TEXT NOT NULL CHECK (kind IN ('cap', 'adoption', 'release', 'void')), -- what the line records
    actor    TEXT NOT NULL,                       -- account that decided it
    policy   TEXT NOT NULL,                       -- hash of the policy; empty for a cap
    stream   TEXT NOT NULL,                       -- name of the stream; empty for a cap
    quarter  TEXT NOT NULL,                       -- quarter released; empty for cap and adoption
    nano_rho INTEGER NOT NULL CHECK (nano_rho >= 0), -- cap or charge in nano-rho; 0 for a release under its horizon's charge
    hash     TEXT NOT NULL                       -- SHA-256 over the hash before and this line, hexadecimal
) STRICT;
CREATE UNIQUE INDEX one_charge_a_stream_and_quarter ON ledger (policy, stream, quarter) WHERE kind <> 'cap';
CREATE TRIGGER ledger_is_never_changed BEFORE UPDATE ON ledger
BEGIN SELECT RAISE (ABORT, 'ledger lines are never changed'); END;
CREATE TRIGGER ledger_is_never_deleted BEFORE DELETE ON ledger
BEGIN SELECT RAISE (ABORT, 'ledger lines are never deleted'); END;
CREATE TRIGGER ledger_never_passes_the_cap BEFORE INSERT ON ledger WHEN NEW.kind = 'adoption' AND (
    SELECT SUM(dearest) FROM (
        SELECT MAX(nano_rho) AS dearest FROM (
            SELECT stream, nano_rho FROM ledger WHERE kind = 'adoption'
            UNION ALL SELECT NEW.stream, NEW.nano_rho
        ) GROUP BY stream
    )
) > COALESCE((SELECT nano_rho FROM ledger WHERE kind = 'cap' ORDER BY seq DESC LIMIT 1), 0)
BEGIN SELECT RAISE (ABORT, 'the charge would pass the lifetime cap of a family line'); END;
CREATE TRIGGER release_needs_its_charge BEFORE INSERT ON ledger WHEN NEW.kind = 'release' AND NOT EXISTS (
    SELECT 1 FROM ledger WHERE kind = 'adoption' AND policy = NEW.policy AND stream = NEW.stream
)
BEGIN SELECT RAISE (ABORT, 'a release needs the charge of its stream at adoption'); END;

CREATE TABLE journal (
    line_hmac  TEXT NOT NULL,                     -- HMAC-SHA256 of the family line under the journal key, hexadecimal
    stream     TEXT NOT NULL,                     -- name of the stream; for ever
    policy     TEXT NOT NULL,                     -- hash of the policy under whose charge it was written; empty if used elsewhere
    quarter    TEXT NOT NULL,                     -- quarter with whose charge it was written; empty if used elsewhere
    kind       TEXT NOT NULL CHECK (kind IN ('counted', 'used-elsewhere', 'before')), -- counted here, used elsewhere, or before Tenfold and never counted
    PRIMARY KEY (line_hmac, stream)
) STRICT;
CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal
BEGIN SELECT RAISE (ABORT, 'journal rows are never changed'); END;
CREATE TRIGGER journal_is_never_deleted BEFORE DELETE ON journal
BEGIN SELECT RAISE (ABORT, 'journal rows are never deleted'); END;

CREATE TABLE event (
    id          INTEGER NOT NULL PRIMARY KEY,     -- given here, never reused
    line        TEXT NOT NULL,                    -- family line
    family      TEXT NOT NULL,                    -- the family when it was recorded
    stream      TEXT NOT NULL,                    -- name of the stream
    recorded_at TEXT NOT NULL,                    -- UTC, by this node's clock; decides the quarter
    recorded_by TEXT NOT NULL,                    -- account of the officer
    ward        TEXT,                             -- GSS code, where known when recorded
    labels      TEXT NOT NULL,                    -- JSON: label set to the labels present
    framework   TEXT NOT NULL,                    -- by which the verdict was reached
    UNIQUE (line, stream)
) STRICT;

CREATE TABLE preparation (
    quarter     TEXT NOT NULL PRIMARY KEY,        -- the quarter prepared
    policy      TEXT NOT NULL,                    -- hash of the policy
    prepared_at TEXT NOT NULL,                    -- UTC
    prepared_by TEXT NOT NULL,                    -- account of the preparer
    salted_hash TEXT NOT NULL,                    -- SHA-256 over 32 random bytes and the frozen tables, hexadecimal
    salt        BLOB NOT NULL                     -- those random bytes, sealed as the frozen tables are
) STRICT;

CREATE TABLE frozen_table (
    policy  TEXT NOT NULL,                        -- hash of the policy
    stream  TEXT NOT NULL,                        -- name of the stream
    quarter TEXT NOT NULL,                        -- quarter whose events it counts
    sealed  BLOB NOT NULL,                        -- nonce and ciphertext, XChaCha20-Poly1305
    PRIMARY KEY (policy, stream, quarter)
) STRICT;
CREATE TRIGGER frozen_table_is_kept_once_charged BEFORE DELETE ON frozen_table WHEN EXISTS (
    SELECT 1 FROM ledger
    WHERE kind = 'release' AND policy = OLD.policy AND stream = OLD.stream AND quarter = OLD.quarter
)
BEGIN SELECT RAISE (ABORT, 'a frozen table is never replaced once it is charged'); END;
CREATE TRIGGER frozen_table_is_never_changed BEFORE UPDATE ON frozen_table
BEGIN SELECT RAISE (ABORT, 'a frozen table is never changed'); END;

CREATE TABLE frozen_line (
    quarter   TEXT NOT NULL,                      -- quarter it would be counted in
    stream    TEXT NOT NULL,                      -- name of the stream
    line_hmac TEXT NOT NULL,                      -- goes to the journal with the charge
    kind      TEXT NOT NULL CHECK (kind IN ('counted', 'before')), -- counted then, or before Tenfold and never counted
    PRIMARY KEY (quarter, stream, line_hmac)
) STRICT;

CREATE TABLE approval (
    quarter     TEXT NOT NULL PRIMARY KEY REFERENCES preparation (quarter), -- the quarter approved
    approved_at TEXT NOT NULL,                    -- UTC
    approved_by TEXT NOT NULL,                    -- account of the approver
    salted_hash TEXT NOT NULL,                    -- of the tables approved
    signed      TEXT,                             -- the approver's signed word, JWS; none under a standing approval
    standing    INTEGER,                          -- number of the standing approval it was given under, if it was
    used_by     TEXT,                             -- account that put the standing approval to use
    CHECK ((signed IS NULL) = (standing IS NOT NULL) AND (standing IS NULL) = (used_by IS NULL))
) STRICT;
CREATE TRIGGER approver_is_not_the_preparer BEFORE INSERT ON approval WHEN EXISTS (
    SELECT 1 FROM preparation
    WHERE quarter = NEW.quarter AND (prepared_by = NEW.approved_by OR salted_hash <> NEW.salted_hash)
)
BEGIN SELECT RAISE (ABORT, 'a release is approved by another person than the one who prepared it, and as it was shown'); END;
CREATE TRIGGER approval_is_never_changed BEFORE UPDATE ON approval
BEGIN SELECT RAISE (ABORT, 'approvals are never changed'); END;
CREATE TRIGGER approval_is_never_deleted BEFORE DELETE ON approval
BEGIN SELECT RAISE (ABORT, 'approvals are never deleted'); END;
CREATE TRIGGER preparation_is_never_changed BEFORE UPDATE ON preparation
BEGIN SELECT RAISE (ABORT, 'a preparation is never changed; another replaces it until it is approved'); END;

CREATE TABLE release (
    number     INTEGER NOT NULL PRIMARY KEY,      -- from 1, without gaps
    quarter    TEXT NOT NULL UNIQUE,              -- one release a quarter
    policy     TEXT NOT NULL,                     -- hash of the policy
    sealed_at  TEXT NOT NULL,                     -- UTC
    bytes      TEXT NOT NULL,                     -- the signed release, JWS
    sha256     TEXT NOT NULL,                     -- of the bytes, hexadecimal
    deliver_at TEXT NOT NULL                      -- UTC, the policy's instant
) STRICT;
CREATE TRIGGER release_is_never_changed BEFORE UPDATE ON release
BEGIN SELECT RAISE (ABORT, 'sealed releases are never changed'); END;
CREATE TRIGGER release_is_never_deleted BEFORE DELETE ON release
BEGIN SELECT RAISE (ABORT, 'sealed releases are never deleted'); END;

CREATE TABLE outbox (
    number          INTEGER NOT NULL PRIMARY KEY REFERENCES release (number), -- the release
    attempts        INTEGER NOT NULL,             -- tries so far
    last_attempt_at TEXT,                         -- UTC
    not_before      TEXT,                         -- UTC; until when the aggregator asked not to be tried again
    last_problem    TEXT,                         -- why the last try failed, in words
    receipt         TEXT,                         -- the aggregator's signed receipt, JWS
    receipted_at    TEXT                          -- UTC
) STRICT;

CREATE TABLE statement (
    id     INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), -- the newest only
    signed TEXT NOT NULL                          -- the aggregator's statement as received, JWS
) STRICT;
