CREATE TABLE release_return (
    id          BIGINT NOT NULL PRIMARY KEY,      -- from 1, without gaps
    quarter     TEXT COLLATE "C" NOT NULL,        -- the quarter returned
    salted_hash TEXT COLLATE "C" NOT NULL,        -- of the tables returned, hexadecimal
    returned_at TIMESTAMP NOT NULL,               -- UTC
    returned_by TEXT COLLATE "C" NOT NULL,        -- account of the approver
    comment     TEXT COLLATE "C" NOT NULL,        -- why, in words; never leaves the node
    signed      TEXT COLLATE "C" NOT NULL         -- the approver's signed word, JWS
);
CREATE TRIGGER release_return_is_never_changed BEFORE UPDATE OR DELETE ON release_return
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_return_is_never_truncated BEFORE TRUNCATE ON release_return
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_returned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM release_return WHERE quarter = NEW.quarter AND salted_hash = NEW.salted_hash
    ) THEN
        RAISE EXCEPTION 'a release that was returned is prepared again before it is approved';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approval_is_not_of_returned_tables BEFORE INSERT ON approval
FOR EACH ROW EXECUTE FUNCTION check_returned();

CREATE TABLE returned_table (
    policy  TEXT COLLATE "C" NOT NULL,            -- hash of the policy
    stream  TEXT COLLATE "C" NOT NULL,            -- name of the stream
    quarter TEXT COLLATE "C" NOT NULL,            -- the quarter last returned
    sealed  BYTEA NOT NULL,                       -- as it was frozen; thrown away once the quarter is approved
    PRIMARY KEY (policy, stream, quarter)
);
