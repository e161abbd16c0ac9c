CREATE TABLE refusal (
    quarter    TEXT NOT NULL,                     -- the quarter that is void
    reason     TEXT NOT NULL CHECK (reason IN ('records', 'matching', 'agreement', 'other')), -- the one word the region may learn
    comment    TEXT NOT NULL,                     -- for the borough's own people; never leaves the node
    refused_at TEXT NOT NULL,                     -- UTC
    refused_by TEXT NOT NULL,                     -- account of the approver
    salted_hash TEXT,                             -- of the tables it was prepared with, hexadecimal; none where it was not prepared
    signed     TEXT NOT NULL,                     -- the approver's signed word, JWS
    PRIMARY KEY (quarter)
) STRICT;
CREATE TRIGGER refusal_is_never_changed BEFORE UPDATE ON refusal
BEGIN SELECT RAISE (ABORT, 'refusals are never changed'); END;
CREATE TRIGGER refusal_is_never_deleted BEFORE DELETE ON refusal
BEGIN SELECT RAISE (ABORT, 'refusals are never deleted'); END;
CREATE TRIGGER what_is_charged_is_never_void BEFORE INSERT ON refusal WHEN EXISTS (
    SELECT 1 FROM ledger WHERE kind = 'release' AND quarter = NEW.quarter
)
BEGIN SELECT RAISE (ABORT, 'a quarter that is charged is never void'); END;
CREATE TRIGGER what_is_void_is_never_charged BEFORE INSERT ON ledger WHEN NEW.kind = 'release' AND EXISTS (
    SELECT 1 FROM refusal WHERE quarter = NEW.quarter
)
BEGIN SELECT RAISE (ABORT, 'a quarter that is void is never charged'); END;
CREATE TRIGGER void_is_declared_before_it_is_written BEFORE INSERT ON ledger WHEN NEW.kind = 'void' AND NOT EXISTS (
    SELECT 1 FROM refusal WHERE quarter = NEW.quarter
)
BEGIN SELECT RAISE (ABORT, 'a person declares a quarter void before the ledger says so'); END;
