CREATE TABLE claim_window (
    id        BIGINT NOT NULL PRIMARY KEY,         -- from 1
    name      TEXT COLLATE "C" NOT NULL UNIQUE,    -- what people call it
    first_day DATE NOT NULL,                       -- first day on which claims are drafted for it
    last_day  DATE NOT NULL,                       -- last such day
    programme TEXT COLLATE "C" NOT NULL,           -- one result a family line in each
    framework TEXT COLLATE "C" NOT NULL,           -- name of the framework that decides
    target    BIGINT,                              -- claims aimed at, where there is a target
    opened_at TIMESTAMP NOT NULL,                  -- UTC
    opened_by TEXT COLLATE "C" NOT NULL,           -- account of the analyst
    CHECK (first_day <= last_day)
);

CREATE TABLE claim (
    id           BIGINT NOT NULL PRIMARY KEY,      -- from 1, never reused
    claim_window BIGINT NOT NULL REFERENCES claim_window (id), -- the window it is claimed in
    programme    TEXT COLLATE "C" NOT NULL,        -- the window's programme
    line         TEXT COLLATE "C" NOT NULL,        -- family line when it was drafted
    family       TEXT COLLATE "C" NOT NULL,        -- family when it was drafted
    state        TEXT COLLATE "C" NOT NULL CHECK (state IN ('drafted', 'audited', 'certified', 'submitted', 'paid', 'refused', 'withdrawn')), -- rung of the ladder
    kind         TEXT COLLATE "C" NOT NULL CHECK (kind IN ('progress', 'employment')), -- type of result
    problems     TEXT COLLATE "C" NOT NULL,        -- JSON: numbers of the problems claimed
    pence        BIGINT NOT NULL CHECK (pence >= 0), -- result payment in pence
    framework    TEXT COLLATE "C" NOT NULL,        -- name of the framework that decided
    software     TEXT COLLATE "C" NOT NULL,        -- version of the program that decided
    decided_on   DATE NOT NULL,                    -- day of the verdict
    verdict      TEXT COLLATE "C" NOT NULL,        -- status and problems of the verdict in words
    drafted_at   TIMESTAMP NOT NULL,               -- UTC
    drafted_by   TEXT COLLATE "C" NOT NULL         -- account of the officer
);

CREATE TABLE claim_step (
    claim  BIGINT NOT NULL REFERENCES claim (id),  -- the claim
    number BIGINT NOT NULL,                        -- counts its steps from 1
    state  TEXT COLLATE "C" NOT NULL,              -- rung it reached
    at     TIMESTAMP NOT NULL,                     -- UTC
    actor  TEXT COLLATE "C" NOT NULL,              -- account
    reason TEXT COLLATE "C" NOT NULL,              -- why, or the reference it was handed in or paid under; may be empty
    PRIMARY KEY (claim, number)
);

CREATE TABLE claim_evidence (
    claim     BIGINT NOT NULL REFERENCES claim (id), -- the claim
    number    BIGINT NOT NULL,                     -- counts its evidence from 1
    kind      TEXT COLLATE "C" NOT NULL CHECK (kind IN ('record', 'document', 'statement', 'case-study', 'discretion', 'confirmation')), -- kind of evidence
    reference TEXT COLLATE "C" NOT NULL,           -- loads and lines of a record, name of a file, where a statement is kept
    sha256    TEXT COLLATE "C",                    -- of a document's file, hexadecimal
    relied    TEXT COLLATE "C",                    -- JSON: the values relied on as they were, where drafting wrote it
    words     TEXT COLLATE "C" NOT NULL,           -- the statement, the reason of a discretion; may be empty
    added_at  TIMESTAMP NOT NULL,                  -- UTC
    added_by  TEXT COLLATE "C" NOT NULL,           -- account
    PRIMARY KEY (claim, number),
    CHECK (kind <> 'document' OR sha256 IS NOT NULL),
    CHECK (kind <> 'discretion' OR words <> '')
);

CREATE TABLE audit (
    id               BIGINT NOT NULL PRIMARY KEY,  -- from 1
    claim_window     BIGINT NOT NULL REFERENCES claim_window (id), -- the window audited
    reason           TEXT COLLATE "C" NOT NULL,    -- why a list was frozen again; empty for the first of a window
    frozen_at        TIMESTAMP NOT NULL,           -- UTC
    frozen_by        TEXT COLLATE "C" NOT NULL,    -- account of the analyst
    salt             TEXT COLLATE "C" NOT NULL,    -- 32 random bytes, hexadecimal
    list_hash        TEXT COLLATE "C" NOT NULL,    -- SHA-256 over salt and lines, hexadecimal; logged before the seed is known
    share_beforehand BIGINT NOT NULL CHECK (share_beforehand BETWEEN 0 AND 10000), -- share set before the draw, hundredths of a per cent
    share            BIGINT NOT NULL CHECK (share BETWEEN 0 AND 10000), -- share now, hundredths of a per cent; grows with invalid lines
    seed             TEXT COLLATE "C",             -- as the auditor gave it
    seeded_at        TIMESTAMP,                    -- UTC
    seeded_by        TEXT COLLATE "C",             -- account of the auditor
    concluded_at     TIMESTAMP,                    -- UTC
    concluded_by     TEXT COLLATE "C"              -- account of the auditor
);

CREATE TABLE audit_line (
    audit         BIGINT NOT NULL REFERENCES audit (id), -- the audit
    claim         BIGINT NOT NULL REFERENCES claim (id), -- the claim on the frozen list
    line          TEXT COLLATE "C" NOT NULL,       -- family line as it stands on the list
    discretionary INTEGER NOT NULL CHECK (discretionary IN (0, 1)), -- 1 where it rests on discretion and is always checked
    drawn         INTEGER NOT NULL CHECK (drawn IN (0, 1)), -- 1 once it is to be checked
    finding       TEXT COLLATE "C" CHECK (finding IN ('valid', 'invalid')), -- what was found, once it was checked
    reason        TEXT COLLATE "C" NOT NULL,       -- why it is invalid; empty otherwise
    found_at      TIMESTAMP,                       -- UTC
    found_by      TEXT COLLATE "C",                -- account of the auditor
    PRIMARY KEY (audit, claim),
    CHECK (finding IS NULL OR drawn = 1),
    CHECK (finding IS NULL OR finding <> 'invalid' OR reason <> '')
);

CREATE TABLE claim_certificate (
    id           BIGINT NOT NULL PRIMARY KEY,      -- from 1
    claim_window BIGINT NOT NULL REFERENCES claim_window (id), -- the window certified
    issue        BIGINT NOT NULL,                  -- issue of the window's certificate, from 1
    issued_at    TIMESTAMP NOT NULL,               -- UTC
    issued_by    TEXT COLLATE "C" NOT NULL,        -- account of the certifying officer
    signed       TEXT COLLATE "C" NOT NULL,        -- the certificate, JWS; stays in the borough until it is opened
    salt         TEXT COLLATE "C" NOT NULL,        -- 32 random bytes, hexadecimal; fresh for every issue
    commitment   TEXT COLLATE "C" NOT NULL,        -- SHA-256 over canonical bytes and salt, hexadecimal; all that travels
    UNIQUE (claim_window, issue)
);

CREATE TABLE certificate_claim (
    certificate BIGINT NOT NULL REFERENCES claim_certificate (id), -- the issue
    claim       BIGINT NOT NULL REFERENCES claim (id), -- a claim it counts
    PRIMARY KEY (certificate, claim)
);

CREATE TABLE partner (
    id          BIGINT NOT NULL PRIMARY KEY,       -- from 1
    name        TEXT COLLATE "C" NOT NULL UNIQUE,  -- of the organisation
    rule        TEXT COLLATE "C" NOT NULL CHECK (rule IN ('joint-investment', 'commissioned')), -- how money is shared
    percent     BIGINT CHECK (percent BETWEEN 1 AND 100), -- share of the result payment of a commissioned service
    recorded_at TIMESTAMP NOT NULL,                -- UTC
    recorded_by TEXT COLLATE "C" NOT NULL,         -- account
    CHECK ((rule = 'commissioned') = (percent IS NOT NULL))
);

CREATE TABLE partner_family (
    partner     BIGINT NOT NULL REFERENCES partner (id), -- the partner
    line        TEXT COLLATE "C" NOT NULL,         -- family line it works with
    recorded_at TIMESTAMP NOT NULL,                -- UTC
    recorded_by TEXT COLLATE "C" NOT NULL,         -- account
    PRIMARY KEY (partner, line)
);

CREATE TABLE disclosure (
    id           BIGINT NOT NULL PRIMARY KEY,      -- from 1
    disclosed_on DATE NOT NULL,                    -- day on which it left
    kind         TEXT COLLATE "C" NOT NULL CHECK (kind IN ('certificate', 'payment', 'freedom-of-information', 'other')), -- what it was
    recipient    TEXT COLLATE "C" NOT NULL,        -- to whom; an organisation, or the public
    figures      TEXT COLLATE "C" NOT NULL,        -- the exact figures, in words
    reference    TEXT COLLATE "C" NOT NULL,        -- certificate, payment or request it belongs to; may be empty
    recorded_at  TIMESTAMP NOT NULL,               -- UTC
    recorded_by  TEXT COLLATE "C" NOT NULL         -- account
);

CREATE UNIQUE INDEX one_live_result_a_line ON claim (line, programme) WHERE state NOT IN ('refused', 'withdrawn');
CREATE INDEX claim_by_window ON claim (claim_window);
CREATE INDEX audit_line_by_claim ON audit_line (claim);

CREATE FUNCTION claim_begins_drafted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'drafted' THEN
        RAISE EXCEPTION 'a claim begins as drafted';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claim_begins_drafted BEFORE INSERT ON claim
FOR EACH ROW EXECUTE FUNCTION claim_begins_drafted();
CREATE FUNCTION claim_fits_its_window() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM claim_window WHERE id = NEW.claim_window AND programme = NEW.programme) THEN
        RAISE EXCEPTION 'a claim is of its window''s programme';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claim_fits_its_window BEFORE INSERT ON claim
FOR EACH ROW EXECUTE FUNCTION claim_fits_its_window();
CREATE FUNCTION claim_moves_along_the_ladder() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (VALUES
    ('drafted', 'audited'), ('drafted', 'withdrawn'), ('audited', 'certified'), ('audited', 'withdrawn'),
    ('certified', 'submitted'), ('certified', 'withdrawn'), ('submitted', 'paid'), ('submitted', 'refused'),
    ('submitted', 'withdrawn'), ('paid', 'withdrawn')) THEN
        RAISE EXCEPTION 'a claim moves along its ladder only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claim_moves_along_the_ladder BEFORE UPDATE ON claim
FOR EACH ROW EXECUTE FUNCTION claim_moves_along_the_ladder();
CREATE FUNCTION claim_keeps_what_it_says() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> OLD.id
    OR NEW.claim_window <> OLD.claim_window
    OR NEW.programme <> OLD.programme
    OR NEW.line <> OLD.line
    OR NEW.family <> OLD.family
    OR NEW.kind <> OLD.kind
    OR NEW.problems <> OLD.problems
    OR NEW.pence <> OLD.pence
    OR NEW.framework <> OLD.framework
    OR NEW.software <> OLD.software
    OR NEW.decided_on <> OLD.decided_on
    OR NEW.verdict <> OLD.verdict
    OR NEW.drafted_at <> OLD.drafted_at
    OR NEW.drafted_by <> OLD.drafted_by THEN
        RAISE EXCEPTION 'of a claim only its state changes';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claim_keeps_what_it_says BEFORE UPDATE ON claim
FOR EACH ROW EXECUTE FUNCTION claim_keeps_what_it_says();
CREATE FUNCTION claim_is_audited_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'audited' AND NOT EXISTS (
    SELECT 1 FROM audit_line JOIN audit ON audit.id = audit_line.audit
    WHERE audit_line.claim = NEW.id AND audit.concluded_at IS NOT NULL
    AND (audit_line.drawn = 0 OR audit_line.finding = 'valid')
) THEN
        RAISE EXCEPTION 'a claim is audited by a concluded audit that did not find it invalid';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claim_is_audited_first BEFORE UPDATE ON claim
FOR EACH ROW EXECUTE FUNCTION claim_is_audited_first();
CREATE FUNCTION claim_is_certified_by_a_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'certified' AND NOT EXISTS (SELECT 1 FROM certificate_claim WHERE claim = NEW.id) THEN
        RAISE EXCEPTION 'a claim is certified by standing on a certificate';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claim_is_certified_by_a_certificate BEFORE UPDATE ON claim
FOR EACH ROW EXECUTE FUNCTION claim_is_certified_by_a_certificate();
CREATE FUNCTION step_is_where_the_claim_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM claim WHERE id = NEW.claim AND state = NEW.state) THEN
        RAISE EXCEPTION 'a step says where the claim stands';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER step_is_where_the_claim_stands BEFORE INSERT ON claim_step
FOR EACH ROW EXECUTE FUNCTION step_is_where_the_claim_stands();
CREATE FUNCTION evidence_is_fixed_once_certified() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM claim WHERE id = NEW.claim AND state IN ('drafted', 'audited')) THEN
        RAISE EXCEPTION 'a claim that is certified or closed never changes its evidence';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER evidence_is_fixed_once_certified BEFORE INSERT ON claim_evidence
FOR EACH ROW EXECUTE FUNCTION evidence_is_fixed_once_certified();
CREATE FUNCTION discretion_comes_before_the_list() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'discretion' AND EXISTS (SELECT 1 FROM audit_line WHERE claim = NEW.claim) THEN
        RAISE EXCEPTION 'discretion is claimed before the audit list is frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER discretion_comes_before_the_list BEFORE INSERT ON claim_evidence
FOR EACH ROW EXECUTE FUNCTION discretion_comes_before_the_list();
CREATE FUNCTION audit_begins_without_a_seed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seed IS NOT NULL OR NEW.concluded_at IS NOT NULL OR NEW.share <> NEW.share_beforehand THEN
        RAISE EXCEPTION 'an audit''s list is frozen before its seed is known';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_begins_without_a_seed BEFORE INSERT ON audit
FOR EACH ROW EXECUTE FUNCTION audit_begins_without_a_seed();
CREATE FUNCTION audit_list_takes_drafts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM claim JOIN audit ON audit.claim_window = claim.claim_window WHERE claim.id = NEW.claim AND claim.line = NEW.line AND audit.id = NEW.audit AND claim.state = 'drafted') OR EXISTS (SELECT 1 FROM audit WHERE id = NEW.audit AND seed IS NOT NULL) THEN
        RAISE EXCEPTION 'a frozen list takes drafted claims of its window, before the seed is known';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_list_takes_drafts BEFORE INSERT ON audit_line
FOR EACH ROW EXECUTE FUNCTION audit_list_takes_drafts();
CREATE FUNCTION audit_changes_forward_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> OLD.id
    OR NEW.claim_window <> OLD.claim_window
    OR NEW.reason <> OLD.reason
    OR NEW.frozen_at <> OLD.frozen_at
    OR NEW.frozen_by <> OLD.frozen_by
    OR NEW.salt <> OLD.salt
    OR NEW.list_hash <> OLD.list_hash
    OR NEW.share_beforehand <> OLD.share_beforehand
    OR OLD.concluded_at IS NOT NULL OR NEW.share < OLD.share
    OR OLD.seed IS NOT NULL AND (NEW.seed IS DISTINCT FROM OLD.seed OR NEW.seeded_at IS DISTINCT FROM OLD.seeded_at OR NEW.seeded_by IS DISTINCT FROM OLD.seeded_by)
    OR NEW.seed IS NOT NULL AND NEW.seeded_by IS NULL THEN
        RAISE EXCEPTION 'an audit''s list, hash and seed never change, and its share only grows until it is concluded';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_changes_forward_only BEFORE UPDATE ON audit
FOR EACH ROW EXECUTE FUNCTION audit_changes_forward_only();
CREATE FUNCTION auditor_did_not_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.seed IS NULL AND NEW.seed IS NOT NULL AND (NEW.seeded_by = OLD.frozen_by OR EXISTS (
    SELECT 1 FROM audit_line JOIN claim ON claim.id = audit_line.claim
    WHERE audit_line.audit = OLD.id AND claim.drafted_by = NEW.seeded_by
)) THEN
        RAISE EXCEPTION 'the seed comes from another person than who drafted or froze';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER auditor_did_not_draft BEFORE UPDATE ON audit
FOR EACH ROW EXECUTE FUNCTION auditor_did_not_draft();
CREATE FUNCTION audit_is_concluded_when_all_is_checked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.concluded_at IS NULL AND NEW.concluded_at IS NOT NULL AND (NEW.seed IS NULL OR EXISTS (
    SELECT 1 FROM audit_line WHERE audit = OLD.id AND drawn = 1 AND finding IS NULL
)) THEN
        RAISE EXCEPTION 'an audit is concluded once every drawn line is checked';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_is_concluded_when_all_is_checked BEFORE UPDATE ON audit
FOR EACH ROW EXECUTE FUNCTION audit_is_concluded_when_all_is_checked();
CREATE FUNCTION audit_line_changes_forward_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.audit <> OLD.audit
    OR NEW.claim <> OLD.claim
    OR NEW.line <> OLD.line
    OR NEW.discretionary <> OLD.discretionary
    OR NEW.drawn < OLD.drawn OR OLD.finding IS NOT NULL
    OR EXISTS (SELECT 1 FROM audit WHERE id = OLD.audit AND (concluded_at IS NOT NULL OR seed IS NULL)) THEN
        RAISE EXCEPTION 'a line is drawn once and found once, while its audit is open';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_line_changes_forward_only BEFORE UPDATE ON audit_line
FOR EACH ROW EXECUTE FUNCTION audit_line_changes_forward_only();
CREATE FUNCTION finder_did_not_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.found_by IS NOT NULL AND EXISTS (SELECT 1 FROM claim WHERE id = NEW.claim AND drafted_by = NEW.found_by) THEN
        RAISE EXCEPTION 'a finding comes from another person than who drafted';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER finder_did_not_draft BEFORE UPDATE ON audit_line
FOR EACH ROW EXECUTE FUNCTION finder_did_not_draft();
CREATE FUNCTION certifier_did_not_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
    SELECT 1 FROM claim_certificate JOIN claim ON claim.id = NEW.claim
    WHERE claim_certificate.id = NEW.certificate
    AND (claim.drafted_by = claim_certificate.issued_by OR claim.claim_window <> claim_certificate.claim_window)
) THEN
        RAISE EXCEPTION 'a claim is certified in its own window by another person than who drafted it';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER certifier_did_not_draft BEFORE INSERT ON certificate_claim
FOR EACH ROW EXECUTE FUNCTION certifier_did_not_draft();
CREATE TRIGGER claim_window_is_never_changed BEFORE UPDATE OR DELETE ON claim_window
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_window_is_never_truncated BEFORE TRUNCATE ON claim_window
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_step_is_never_changed BEFORE UPDATE OR DELETE ON claim_step
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_step_is_never_truncated BEFORE TRUNCATE ON claim_step
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_evidence_is_never_changed BEFORE UPDATE OR DELETE ON claim_evidence
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_evidence_is_never_truncated BEFORE TRUNCATE ON claim_evidence
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_certificate_is_never_changed BEFORE UPDATE OR DELETE ON claim_certificate
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_certificate_is_never_truncated BEFORE TRUNCATE ON claim_certificate
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER certificate_claim_is_never_changed BEFORE UPDATE OR DELETE ON certificate_claim
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER certificate_claim_is_never_truncated BEFORE TRUNCATE ON certificate_claim
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER partner_is_never_changed BEFORE UPDATE OR DELETE ON partner
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER partner_is_never_truncated BEFORE TRUNCATE ON partner
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER partner_family_is_never_changed BEFORE UPDATE OR DELETE ON partner_family
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER partner_family_is_never_truncated BEFORE TRUNCATE ON partner_family
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER disclosure_is_never_changed BEFORE UPDATE OR DELETE ON disclosure
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER disclosure_is_never_truncated BEFORE TRUNCATE ON disclosure
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_is_never_deleted BEFORE DELETE ON claim
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_is_never_truncated BEFORE TRUNCATE ON claim
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_is_never_truncated BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_line_is_never_deleted BEFORE DELETE ON audit_line
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_line_is_never_truncated BEFORE TRUNCATE ON audit_line
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
