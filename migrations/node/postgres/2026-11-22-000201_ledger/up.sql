CREATE TABLE node (
    id              INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), -- one row
    borough         TEXT COLLATE "C" NOT NULL,                -- GSS code; for ever
    rehearsal_clock TEXT COLLATE "C",                         -- path of the clock file of a rehearsal; for ever
    created_at      TIMESTAMP NOT NULL,                -- UTC
    bundle          TEXT COLLATE "C",                         -- the enrolment bundle as received, JSON
    journal_destroyed_at TIMESTAMP                     -- when the key that names lines was destroyed, UTC; null while it is kept
);

CREATE TABLE policy (
    hash       TEXT COLLATE "C" NOT NULL PRIMARY KEY,         -- SHA-256 of its canonical bytes, hexadecimal
    signed     TEXT COLLATE "C" NOT NULL,                     -- as received, JWS
    adopted_at TIMESTAMP NOT NULL,                     -- UTC
    adopted_by TEXT COLLATE "C" NOT NULL                      -- account of the borough's officer
);

CREATE TABLE ledger_head (
    id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), -- one row: the end of the chain
    seq  BIGINT NOT NULL,                        -- number of the last line, 0 before the first
    hash TEXT COLLATE "C" NOT NULL                            -- hash of the last line, hexadecimal
);
INSERT INTO ledger_head (id, seq, hash) VALUES (1, 0, '');

CREATE TABLE ledger (
    seq      BIGINT NOT NULL PRIMARY KEY,        -- from 1, without gaps
    at       TIMESTAMP NOT NULL,                       -- UTC
    kind     TEXT COLLATE "C" NOT NULL CHECK (kind IN ('cap', 'adoption', 'release', 'void')), -- what the line records
    actor    TEXT COLLATE "C" NOT NULL,                       -- account that decided it
    policy   TEXT COLLATE "C" NOT NULL,                       -- hash of the policy; empty for a cap
    stream   TEXT COLLATE "C" NOT NULL,                       -- name of the stream; empty for a cap
    quarter  TEXT COLLATE "C" NOT NULL,                       -- quarter released; empty for cap and adoption
    nano_rho BIGINT NOT NULL CHECK (nano_rho >= 0), -- cap or charge in nano-rho; 0 for a release under its horizon's charge
    hash     TEXT COLLATE "C" NOT NULL                       -- SHA-256 over the hash before and this line, hexadecimal
);
CREATE UNIQUE INDEX one_charge_a_stream_and_quarter ON ledger (policy, stream, quarter) WHERE kind <> 'cap';

CREATE TABLE journal (
    line_hmac  TEXT COLLATE "C" NOT NULL,                     -- HMAC-SHA256 of the family line under the journal key, hexadecimal
    stream     TEXT COLLATE "C" NOT NULL,                     -- name of the stream; for ever
    policy     TEXT COLLATE "C" NOT NULL,                     -- hash of the policy under whose charge it was written; empty if used elsewhere
    quarter    TEXT COLLATE "C" NOT NULL,                     -- quarter with whose charge it was written; empty if used elsewhere
    kind       TEXT COLLATE "C" NOT NULL CHECK (kind IN ('counted', 'used-elsewhere', 'before')), -- counted here, used elsewhere, or before Tenfold and never counted
    PRIMARY KEY (line_hmac, stream)
);

CREATE TABLE event (
    id          BIGSERIAL NOT NULL PRIMARY KEY,   -- given here, never reused
    line        TEXT COLLATE "C" NOT NULL,                    -- family line
    family      TEXT COLLATE "C" NOT NULL,                    -- the family when it was recorded
    stream      TEXT COLLATE "C" NOT NULL,                    -- name of the stream
    recorded_at TIMESTAMP NOT NULL,                    -- UTC, by this node's clock; decides the quarter
    recorded_by TEXT COLLATE "C" NOT NULL,                    -- account of the officer
    ward        TEXT COLLATE "C",                             -- GSS code, where known when recorded
    labels      TEXT COLLATE "C" NOT NULL,                    -- JSON: label set to the labels present
    framework   TEXT COLLATE "C" NOT NULL,                    -- by which the verdict was reached
    UNIQUE (line, stream)
);

CREATE TABLE preparation (
    quarter     TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- the quarter prepared
    policy      TEXT COLLATE "C" NOT NULL,                    -- hash of the policy
    prepared_at TIMESTAMP NOT NULL,                    -- UTC
    prepared_by TEXT COLLATE "C" NOT NULL,                    -- account of the preparer
    salted_hash TEXT COLLATE "C" NOT NULL,                    -- SHA-256 over 32 random bytes and the frozen tables, hexadecimal
    salt        BYTEA NOT NULL                     -- those random bytes, sealed as the frozen tables are
);

CREATE TABLE frozen_table (
    policy  TEXT COLLATE "C" NOT NULL,                        -- hash of the policy
    stream  TEXT COLLATE "C" NOT NULL,            -- name of the stream
    quarter TEXT COLLATE "C" NOT NULL,            -- quarter whose events it counts
    sealed  BYTEA NOT NULL,                        -- nonce and ciphertext, XChaCha20-Poly1305
    PRIMARY KEY (policy, stream, quarter)
);

CREATE TABLE frozen_line (
    quarter   TEXT COLLATE "C" NOT NULL,          -- quarter it would be counted in
    stream    TEXT COLLATE "C" NOT NULL,          -- name of the stream
    line_hmac TEXT COLLATE "C" NOT NULL,                      -- goes to the journal with the charge
    kind      TEXT COLLATE "C" NOT NULL CHECK (kind IN ('counted', 'before')), -- counted then, or before Tenfold and never counted
    PRIMARY KEY (quarter, stream, line_hmac)
);

CREATE TABLE approval (
    quarter     TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES preparation (quarter), -- the quarter approved
    approved_at TIMESTAMP NOT NULL,                    -- UTC
    approved_by TEXT COLLATE "C" NOT NULL,                    -- account of the approver
    salted_hash TEXT COLLATE "C" NOT NULL,                    -- of the tables approved
    signed      TEXT COLLATE "C",                  -- the approver's signed word, JWS; none under a standing approval
    standing    BIGINT,                            -- number of the standing approval it was given under, if it was
    used_by     TEXT COLLATE "C",                  -- account that put the standing approval to use
    CHECK ((signed IS NULL) = (standing IS NOT NULL) AND (standing IS NULL) = (used_by IS NULL))
);

CREATE TABLE release (
    number     INTEGER NOT NULL PRIMARY KEY,      -- from 1, without gaps
    quarter    TEXT COLLATE "C" NOT NULL UNIQUE,  -- one release a quarter
    policy     TEXT COLLATE "C" NOT NULL,                     -- hash of the policy
    sealed_at  TIMESTAMP NOT NULL,                     -- UTC
    bytes      TEXT COLLATE "C" NOT NULL,                     -- the signed release, JWS
    sha256     TEXT COLLATE "C" NOT NULL,                     -- of the bytes, hexadecimal
    deliver_at TIMESTAMP NOT NULL                      -- UTC, the policy's instant
);

CREATE TABLE outbox (
    number          INTEGER NOT NULL PRIMARY KEY REFERENCES release (number), -- the release
    attempts        INTEGER NOT NULL,             -- tries so far
    last_attempt_at TIMESTAMP,                         -- UTC
    not_before      TIMESTAMP,                         -- UTC; until when the aggregator asked not to be tried again
    last_problem    TEXT COLLATE "C",                         -- why the last try failed, in words
    receipt         TEXT COLLATE "C",                         -- the aggregator's signed receipt, JWS
    receipted_at    TIMESTAMP                          -- UTC
);

CREATE TABLE statement (
    id     INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), -- the newest only
    signed TEXT COLLATE "C" NOT NULL                          -- the aggregator's statement as received, JWS
);

CREATE TRIGGER ledger_is_never_changed BEFORE UPDATE OR DELETE ON ledger
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_is_never_truncated BEFORE TRUNCATE ON ledger
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_is_never_changed BEFORE UPDATE OR DELETE ON journal
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_is_never_truncated BEFORE TRUNCATE ON journal
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_is_never_changed BEFORE UPDATE OR DELETE ON release
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_is_never_truncated BEFORE TRUNCATE ON release
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER approval_is_never_changed BEFORE UPDATE OR DELETE ON approval
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER approval_is_never_truncated BEFORE TRUNCATE ON approval
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER preparation_is_never_changed BEFORE UPDATE ON preparation
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER frozen_table_is_never_changed BEFORE UPDATE ON frozen_table
FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_ledger_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'adoption' AND (
        SELECT SUM(dearest) FROM (
            SELECT MAX(nano_rho) AS dearest FROM (
                SELECT stream, nano_rho FROM ledger WHERE kind = 'adoption'
                UNION ALL SELECT NEW.stream, NEW.nano_rho
            ) AS charges GROUP BY stream
        ) AS streams
    ) > COALESCE((SELECT nano_rho FROM ledger WHERE kind = 'cap' ORDER BY seq DESC LIMIT 1), 0) THEN
        RAISE EXCEPTION 'the charge would pass the lifetime cap of a family line';
    END IF;
    IF NEW.kind = 'release' AND NOT EXISTS (
        SELECT 1 FROM ledger WHERE kind = 'adoption' AND policy = NEW.policy AND stream = NEW.stream
    ) THEN
        RAISE EXCEPTION 'a release needs the charge of its stream at adoption';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_line_is_checked BEFORE INSERT ON ledger
FOR EACH ROW EXECUTE FUNCTION check_ledger_line();

CREATE FUNCTION check_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM preparation
        WHERE quarter = NEW.quarter AND (prepared_by = NEW.approved_by OR salted_hash <> NEW.salted_hash)
    ) THEN
        RAISE EXCEPTION 'a release is approved by another person than the one who prepared it, and as it was shown';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approver_is_not_the_preparer BEFORE INSERT ON approval
FOR EACH ROW EXECUTE FUNCTION check_approval();

CREATE FUNCTION keep_frozen_table() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM ledger
        WHERE kind = 'release' AND policy = OLD.policy AND stream = OLD.stream AND quarter = OLD.quarter
    ) THEN
        RAISE EXCEPTION 'a frozen table is never replaced once it is charged';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER frozen_table_is_kept_once_charged BEFORE DELETE ON frozen_table
FOR EACH ROW EXECUTE FUNCTION keep_frozen_table();
