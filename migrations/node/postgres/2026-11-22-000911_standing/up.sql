CREATE TABLE standing_approval (
    id         BIGINT NOT NULL PRIMARY KEY,       -- from 1, without gaps
    policy     TEXT COLLATE "C" NOT NULL,         -- hash of the policy; it covers quarters under no other
    preparer   TEXT COLLATE "C",                  -- account that has to prepare; none for any analyst
    granted_at TIMESTAMP NOT NULL,                -- UTC
    granted_by TEXT COLLATE "C" NOT NULL,         -- account of the approver
    ends_at    TIMESTAMP NOT NULL,                -- UTC; it covers nothing from then on
    signed     TEXT COLLATE "C" NOT NULL          -- the approver's signed word, JWS
);
CREATE TRIGGER standing_approval_is_never_changed BEFORE UPDATE OR DELETE ON standing_approval
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER standing_approval_is_never_truncated BEFORE TRUNCATE ON standing_approval
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE standing_revocation (
    standing   BIGINT NOT NULL PRIMARY KEY REFERENCES standing_approval (id), -- the standing approval that ends
    revoked_at TIMESTAMP NOT NULL,                -- UTC; it covers nothing from then on
    revoked_by TEXT COLLATE "C" NOT NULL          -- account of an approver
);
CREATE TRIGGER standing_revocation_is_never_changed BEFORE UPDATE OR DELETE ON standing_revocation
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER standing_revocation_is_never_truncated BEFORE TRUNCATE ON standing_revocation
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_standing_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.standing IS NULL THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT 1 FROM preparation WHERE quarter = NEW.quarter AND prepared_by = NEW.used_by) THEN
        RAISE EXCEPTION 'a standing approval is put to use by another person than the one who prepared';
    END IF;
    -- Revoking waits for a use that is under way, and a use for a revocation: of the two, one sees the other.
    PERFORM 1 FROM standing_approval WHERE id = NEW.standing FOR UPDATE;
    IF NOT EXISTS (
        SELECT 1 FROM standing_approval AS given JOIN preparation ON preparation.quarter = NEW.quarter
        WHERE given.id = NEW.standing AND given.granted_by = NEW.approved_by AND given.policy = preparation.policy
            AND COALESCE(given.preparer, preparation.prepared_by) = preparation.prepared_by
            AND given.granted_at <= NEW.approved_at AND NEW.approved_at < given.ends_at
    ) THEN
        RAISE EXCEPTION 'the standing approval does not cover this quarter';
    END IF;
    IF EXISTS (SELECT 1 FROM standing_revocation WHERE standing = NEW.standing) THEN
        RAISE EXCEPTION 'the standing approval is revoked';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM release WHERE quarter < NEW.quarter) THEN
        RAISE EXCEPTION 'the first release is never routine';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER standing_approval_covers_what_it_names BEFORE INSERT ON approval
FOR EACH ROW EXECUTE FUNCTION check_standing_use();
