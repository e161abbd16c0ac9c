CREATE TABLE refusal (
    quarter    TEXT COLLATE "C" NOT NULL,         -- the quarter that is void
    reason     TEXT COLLATE "C" NOT NULL CHECK (reason IN ('records', 'matching', 'agreement', 'other')), -- the one word the region may learn
    comment    TEXT COLLATE "C" NOT NULL,         -- for the borough's own people; never leaves the node
    refused_at TIMESTAMP NOT NULL,                -- UTC
    refused_by TEXT COLLATE "C" NOT NULL,         -- account of the approver
    salted_hash TEXT COLLATE "C",                 -- of the tables it was prepared with, hexadecimal; none where it was not prepared
    signed     TEXT COLLATE "C" NOT NULL,         -- the approver's signed word, JWS
    PRIMARY KEY (quarter)
);
CREATE TRIGGER refusal_is_never_changed BEFORE UPDATE OR DELETE ON refusal
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refusal_is_never_truncated BEFORE TRUNCATE ON refusal
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_void_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The ledger's head is locked first, as by every charge: of the two, one sees the other.
    PERFORM 1 FROM ledger_head FOR UPDATE;
    IF EXISTS (SELECT 1 FROM ledger WHERE kind = 'release' AND quarter = NEW.quarter) THEN
        RAISE EXCEPTION 'a quarter that is charged is never void';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER what_is_charged_is_never_void BEFORE INSERT ON refusal
FOR EACH ROW EXECUTE FUNCTION check_void_refusal();

CREATE FUNCTION check_void_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'release' AND EXISTS (SELECT 1 FROM refusal WHERE quarter = NEW.quarter) THEN
        RAISE EXCEPTION 'a quarter that is void is never charged';
    END IF;
    IF NEW.kind = 'void' AND NOT EXISTS (SELECT 1 FROM refusal WHERE quarter = NEW.quarter) THEN
        RAISE EXCEPTION 'a person declares a quarter void before the ledger says so';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER what_is_void_is_never_charged BEFORE INSERT ON ledger
FOR EACH ROW EXECUTE FUNCTION check_void_line();
