CREATE TABLE claim_window (
    id        INTEGER NOT NULL PRIMARY KEY,        -- from 1
    name      TEXT NOT NULL UNIQUE,                -- what people call it
    first_day TEXT NOT NULL,                       -- first day on which claims are drafted for it
    last_day  TEXT NOT NULL,                       -- last such day
    programme TEXT NOT NULL,                       -- one result a family line in each
    framework TEXT NOT NULL,                       -- name of the framework that decides
    target    INTEGER,                             -- claims aimed at, where there is a target
    opened_at TEXT NOT NULL,                       -- UTC
    opened_by TEXT NOT NULL,                       -- account of the analyst
    CHECK (first_day <= last_day)
) STRICT;

CREATE TABLE claim (
    id           INTEGER NOT NULL PRIMARY KEY,     -- from 1, never reused
    claim_window INTEGER NOT NULL REFERENCES claim_window (id), -- the window it is claimed in
    programme    TEXT NOT NULL,                    -- the window's programme
    line         TEXT NOT NULL,                    -- family line when it was drafted
    family       TEXT NOT NULL,                    -- family when it was drafted
    state        TEXT NOT NULL CHECK (state IN ('drafted', 'audited', 'certified', 'submitted', 'paid', 'refused', 'withdrawn')), -- rung of the ladder
    kind         TEXT NOT NULL CHECK (kind IN ('progress', 'employment')), -- type of result
    problems     TEXT NOT NULL,                    -- JSON: numbers of the problems claimed
    pence        INTEGER NOT NULL CHECK (pence >= 0), -- result payment in pence
    framework    TEXT NOT NULL,                    -- name of the framework that decided
    software     TEXT NOT NULL,                    -- version of the program that decided
    decided_on   TEXT NOT NULL,                    -- day of the verdict
    verdict      TEXT NOT NULL,                    -- status and problems of the verdict in words
    drafted_at   TEXT NOT NULL,                    -- UTC
    drafted_by   TEXT NOT NULL                     -- account of the officer
) STRICT;

CREATE TABLE claim_step (
    claim  INTEGER NOT NULL REFERENCES claim (id), -- the claim
    number INTEGER NOT NULL,                       -- counts its steps from 1
    state  TEXT NOT NULL,                          -- rung it reached
    at     TEXT NOT NULL,                          -- UTC
    actor  TEXT NOT NULL,                          -- account
    reason TEXT NOT NULL,                          -- why, or the reference it was handed in or paid under; may be empty
    PRIMARY KEY (claim, number)
) STRICT;

CREATE TABLE claim_evidence (
    claim     INTEGER NOT NULL REFERENCES claim (id), -- the claim
    number    INTEGER NOT NULL,                    -- counts its evidence from 1
    kind      TEXT NOT NULL CHECK (kind IN ('record', 'document', 'statement', 'case-study', 'discretion', 'confirmation')), -- kind of evidence
    reference TEXT NOT NULL,                       -- loads and lines of a record, name of a file, where a statement is kept
    sha256    TEXT,                                -- of a document's file, hexadecimal
    relied    TEXT,                                -- JSON: the values relied on as they were, where drafting wrote it
    words     TEXT NOT NULL,                       -- the statement, the reason of a discretion; may be empty
    added_at  TEXT NOT NULL,                       -- UTC
    added_by  TEXT NOT NULL,                       -- account
    PRIMARY KEY (claim, number),
    CHECK (kind <> 'document' OR sha256 IS NOT NULL),
    CHECK (kind <> 'discretion' OR words <> '')
) STRICT;

CREATE TABLE audit (
    id               INTEGER NOT NULL PRIMARY KEY, -- from 1
    claim_window     INTEGER NOT NULL REFERENCES claim_window (id), -- the window audited
    reason           TEXT NOT NULL,                -- why a list was frozen again; empty for the first of a window
    frozen_at        TEXT NOT NULL,                -- UTC
    frozen_by        TEXT NOT NULL,                -- account of the analyst
    salt             TEXT NOT NULL,                -- 32 random bytes, hexadecimal
    list_hash        TEXT NOT NULL,                -- SHA-256 over salt and lines, hexadecimal; logged before the seed is known
    share_beforehand INTEGER NOT NULL CHECK (share_beforehand BETWEEN 0 AND 10000), -- share set before the draw, hundredths of a per cent
    share            INTEGER NOT NULL CHECK (share BETWEEN 0 AND 10000), -- share now, hundredths of a per cent; grows with invalid lines
    seed             TEXT,                         -- as the auditor gave it
    seeded_at        TEXT,                         -- UTC
    seeded_by        TEXT,                         -- account of the auditor
    concluded_at     TEXT,                         -- UTC
    concluded_by     TEXT                          -- account of the auditor
) STRICT;

CREATE TABLE audit_line (
    audit         INTEGER NOT NULL REFERENCES audit (id), -- the audit
    claim         INTEGER NOT NULL REFERENCES claim (id), -- the claim on the frozen list
    line          TEXT NOT NULL,                   -- family line as it stands on the list
    discretionary INTEGER NOT NULL CHECK (discretionary IN (0, 1)), -- 1 where it rests on discretion and is always checked
    drawn         INTEGER NOT NULL CHECK (drawn IN (0, 1)), -- 1 once it is to be checked
    finding       TEXT CHECK (finding IN ('valid', 'invalid')), -- what was found, once it was checked
    reason        TEXT NOT NULL,                   -- why it is invalid; empty otherwise
    found_at      TEXT,                            -- UTC
    found_by      TEXT,                            -- account of the auditor
    PRIMARY KEY (audit, claim),
    CHECK (finding IS NULL OR drawn = 1),
    CHECK (finding IS NULL OR finding <> 'invalid' OR reason <> '')
) STRICT;

CREATE TABLE claim_certificate (
    id           INTEGER NOT NULL PRIMARY KEY,     -- from 1
    claim_window INTEGER NOT NULL REFERENCES claim_window (id), -- the window certified
    issue        INTEGER NOT NULL,                 -- issue of the window's certificate, from 1
    issued_at    TEXT NOT NULL,                    -- UTC
    issued_by    TEXT NOT NULL,                    -- account of the certifying officer
    signed       TEXT NOT NULL,                    -- the certificate, JWS; stays in the borough until it is opened
    salt         TEXT NOT NULL,                    -- 32 random bytes, hexadecimal; fresh for every issue
    commitment   TEXT NOT NULL,                    -- SHA-256 over canonical bytes and salt, hexadecimal; all that travels
    UNIQUE (claim_window, issue)
) STRICT;

CREATE TABLE certificate_claim (
    certificate INTEGER NOT NULL REFERENCES claim_certificate (id), -- the issue
    claim       INTEGER NOT NULL REFERENCES claim (id), -- a claim it counts
    PRIMARY KEY (certificate, claim)
) STRICT;

CREATE TABLE partner (
    id          INTEGER NOT NULL PRIMARY KEY,      -- from 1
    name        TEXT NOT NULL UNIQUE,              -- of the organisation
    rule        TEXT NOT NULL CHECK (rule IN ('joint-investment', 'commissioned')), -- how money is shared
    percent     INTEGER CHECK (percent BETWEEN 1 AND 100), -- share of the result payment of a commissioned service
    recorded_at TEXT NOT NULL,                     -- UTC
    recorded_by TEXT NOT NULL,                     -- account
    CHECK ((rule = 'commissioned') = (percent IS NOT NULL))
) STRICT;

CREATE TABLE partner_family (
    partner     INTEGER NOT NULL REFERENCES partner (id), -- the partner
    line        TEXT NOT NULL,                     -- family line it works with
    recorded_at TEXT NOT NULL,                     -- UTC
    recorded_by TEXT NOT NULL,                     -- account
    PRIMARY KEY (partner, line)
) STRICT;

CREATE TABLE disclosure (
    id           INTEGER NOT NULL PRIMARY KEY,     -- from 1
    disclosed_on TEXT NOT NULL,                    -- day on which it left
    kind         TEXT NOT NULL CHECK (kind IN ('certificate', 'payment', 'freedom-of-information', 'other')), -- what it was
    recipient    TEXT NOT NULL,                    -- to whom; an organisation, or the public
    figures      TEXT NOT NULL,                    -- the exact figures, in words
    reference    TEXT NOT NULL,                    -- certificate, payment or request it belongs to; may be empty
    recorded_at  TEXT NOT NULL,                    -- UTC
    recorded_by  TEXT NOT NULL                     -- account
) STRICT;

CREATE UNIQUE INDEX one_live_result_a_line ON claim (line, programme) WHERE state NOT IN ('refused', 'withdrawn');
CREATE INDEX claim_by_window ON claim (claim_window);
CREATE INDEX audit_line_by_claim ON audit_line (claim);

CREATE TRIGGER claim_begins_drafted BEFORE INSERT ON claim WHEN NEW.state <> 'drafted'
BEGIN SELECT RAISE (ABORT, 'a claim begins as drafted'); END;
CREATE TRIGGER claim_fits_its_window BEFORE INSERT ON claim WHEN NOT EXISTS (SELECT 1 FROM claim_window WHERE id = NEW.claim_window AND programme = NEW.programme)
BEGIN SELECT RAISE (ABORT, 'a claim is of its window''s programme'); END;
CREATE TRIGGER claim_moves_along_the_ladder BEFORE UPDATE ON claim WHEN (OLD.state, NEW.state) NOT IN (VALUES
    ('drafted', 'audited'), ('drafted', 'withdrawn'), ('audited', 'certified'), ('audited', 'withdrawn'),
    ('certified', 'submitted'), ('certified', 'withdrawn'), ('submitted', 'paid'), ('submitted', 'refused'),
    ('submitted', 'withdrawn'), ('paid', 'withdrawn'))
BEGIN SELECT RAISE (ABORT, 'a claim moves along its ladder only'); END;
CREATE TRIGGER claim_keeps_what_it_says BEFORE UPDATE ON claim WHEN NEW.id <> OLD.id
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
    OR NEW.drafted_by <> OLD.drafted_by
BEGIN SELECT RAISE (ABORT, 'of a claim only its state changes'); END;
CREATE TRIGGER claim_is_audited_first BEFORE UPDATE ON claim WHEN NEW.state = 'audited' AND NOT EXISTS (
    SELECT 1 FROM audit_line JOIN audit ON audit.id = audit_line.audit
    WHERE audit_line.claim = NEW.id AND audit.concluded_at IS NOT NULL
    AND (audit_line.drawn = 0 OR audit_line.finding = 'valid')
)
BEGIN SELECT RAISE (ABORT, 'a claim is audited by a concluded audit that did not find it invalid'); END;
CREATE TRIGGER claim_is_certified_by_a_certificate BEFORE UPDATE ON claim WHEN NEW.state = 'certified' AND NOT EXISTS (SELECT 1 FROM certificate_claim WHERE claim = NEW.id)
BEGIN SELECT RAISE (ABORT, 'a claim is certified by standing on a certificate'); END;
CREATE TRIGGER step_is_where_the_claim_stands BEFORE INSERT ON claim_step WHEN NOT EXISTS (SELECT 1 FROM claim WHERE id = NEW.claim AND state = NEW.state)
BEGIN SELECT RAISE (ABORT, 'a step says where the claim stands'); END;
CREATE TRIGGER evidence_is_fixed_once_certified BEFORE INSERT ON claim_evidence WHEN NOT EXISTS (SELECT 1 FROM claim WHERE id = NEW.claim AND state IN ('drafted', 'audited'))
BEGIN SELECT RAISE (ABORT, 'a claim that is certified or closed never changes its evidence'); END;
CREATE TRIGGER discretion_comes_before_the_list BEFORE INSERT ON claim_evidence WHEN NEW.kind = 'discretion' AND EXISTS (SELECT 1 FROM audit_line WHERE claim = NEW.claim)
BEGIN SELECT RAISE (ABORT, 'discretion is claimed before the audit list is frozen'); END;
CREATE TRIGGER audit_begins_without_a_seed BEFORE INSERT ON audit WHEN NEW.seed IS NOT NULL OR NEW.concluded_at IS NOT NULL OR NEW.share <> NEW.share_beforehand
BEGIN SELECT RAISE (ABORT, 'an audit''s list is frozen before its seed is known'); END;
CREATE TRIGGER audit_list_takes_drafts BEFORE INSERT ON audit_line WHEN NOT EXISTS (SELECT 1 FROM claim JOIN audit ON audit.claim_window = claim.claim_window WHERE claim.id = NEW.claim AND claim.line = NEW.line AND audit.id = NEW.audit AND claim.state = 'drafted') OR EXISTS (SELECT 1 FROM audit WHERE id = NEW.audit AND seed IS NOT NULL)
BEGIN SELECT RAISE (ABORT, 'a frozen list takes drafted claims of its window, before the seed is known'); END;
CREATE TRIGGER audit_changes_forward_only BEFORE UPDATE ON audit WHEN NEW.id <> OLD.id
    OR NEW.claim_window <> OLD.claim_window
    OR NEW.reason <> OLD.reason
    OR NEW.frozen_at <> OLD.frozen_at
    OR NEW.frozen_by <> OLD.frozen_by
    OR NEW.salt <> OLD.salt
    OR NEW.list_hash <> OLD.list_hash
    OR NEW.share_beforehand <> OLD.share_beforehand
    OR OLD.concluded_at IS NOT NULL OR NEW.share < OLD.share
    OR OLD.seed IS NOT NULL AND (NEW.seed IS NOT OLD.seed OR NEW.seeded_at IS NOT OLD.seeded_at OR NEW.seeded_by IS NOT OLD.seeded_by)
    OR NEW.seed IS NOT NULL AND NEW.seeded_by IS NULL
BEGIN SELECT RAISE (ABORT, 'an audit''s list, hash and seed never change, and its share only grows until it is concluded'); END;
CREATE TRIGGER auditor_did_not_draft BEFORE UPDATE ON audit WHEN OLD.seed IS NULL AND NEW.seed IS NOT NULL AND (NEW.seeded_by = OLD.frozen_by OR EXISTS (
    SELECT 1 FROM audit_line JOIN claim ON claim.id = audit_line.claim
    WHERE audit_line.audit = OLD.id AND claim.drafted_by = NEW.seeded_by
))
BEGIN SELECT RAISE (ABORT, 'the seed comes from another person than who drafted or froze'); END;
CREATE TRIGGER audit_is_concluded_when_all_is_checked BEFORE UPDATE ON audit WHEN OLD.concluded_at IS NULL AND NEW.concluded_at IS NOT NULL AND (NEW.seed IS NULL OR EXISTS (
    SELECT 1 FROM audit_line WHERE audit = OLD.id AND drawn = 1 AND finding IS NULL
))
BEGIN SELECT RAISE (ABORT, 'an audit is concluded once every drawn line is checked'); END;
CREATE TRIGGER audit_line_changes_forward_only BEFORE UPDATE ON audit_line WHEN NEW.audit <> OLD.audit
    OR NEW.claim <> OLD.claim
    OR NEW.line <> OLD.line
    OR NEW.discretionary <> OLD.discretionary
    OR NEW.drawn < OLD.drawn OR OLD.finding IS NOT NULL
    OR EXISTS (SELECT 1 FROM audit WHERE id = OLD.audit AND (concluded_at IS NOT NULL OR seed IS NULL))
BEGIN SELECT RAISE (ABORT, 'a line is drawn once and found once, while its audit is open'); END;
CREATE TRIGGER finder_did_not_draft BEFORE UPDATE ON audit_line WHEN NEW.found_by IS NOT NULL AND EXISTS (SELECT 1 FROM claim WHERE id = NEW.claim AND drafted_by = NEW.found_by)
BEGIN SELECT RAISE (ABORT, 'a finding comes from another person than who drafted'); END;
CREATE TRIGGER certifier_did_not_draft BEFORE INSERT ON certificate_claim WHEN EXISTS (
    SELECT 1 FROM claim_certificate JOIN claim ON claim.id = NEW.claim
    WHERE claim_certificate.id = NEW.certificate
    AND (claim.drafted_by = claim_certificate.issued_by OR claim.claim_window <> claim_certificate.claim_window)
)
BEGIN SELECT RAISE (ABORT, 'a claim is certified in its own window by another person than who drafted it'); END;
CREATE TRIGGER claim_window_is_never_changed BEFORE UPDATE ON claim_window
BEGIN SELECT RAISE (ABORT, 'rows of claim_window are never changed'); END;
CREATE TRIGGER claim_window_is_never_deleted BEFORE DELETE ON claim_window
BEGIN SELECT RAISE (ABORT, 'rows of claim_window are never deleted'); END;
CREATE TRIGGER claim_step_is_never_changed BEFORE UPDATE ON claim_step
BEGIN SELECT RAISE (ABORT, 'rows of claim_step are never changed'); END;
CREATE TRIGGER claim_step_is_never_deleted BEFORE DELETE ON claim_step
BEGIN SELECT RAISE (ABORT, 'rows of claim_step are never deleted'); END;
CREATE TRIGGER claim_evidence_is_never_changed BEFORE UPDATE ON claim_evidence
BEGIN SELECT RAISE (ABORT, 'rows of claim_evidence are never changed'); END;
CREATE TRIGGER claim_evidence_is_never_deleted BEFORE DELETE ON claim_evidence
BEGIN SELECT RAISE (ABORT, 'rows of claim_evidence are never deleted'); END;
CREATE TRIGGER claim_certificate_is_never_changed BEFORE UPDATE ON claim_certificate
BEGIN SELECT RAISE (ABORT, 'rows of claim_certificate are never changed'); END;
CREATE TRIGGER claim_certificate_is_never_deleted BEFORE DELETE ON claim_certificate
BEGIN SELECT RAISE (ABORT, 'rows of claim_certificate are never deleted'); END;
CREATE TRIGGER certificate_claim_is_never_changed BEFORE UPDATE ON certificate_claim
BEGIN SELECT RAISE (ABORT, 'rows of certificate_claim are never changed'); END;
CREATE TRIGGER certificate_claim_is_never_deleted BEFORE DELETE ON certificate_claim
BEGIN SELECT RAISE (ABORT, 'rows of certificate_claim are never deleted'); END;
CREATE TRIGGER partner_is_never_changed BEFORE UPDATE ON partner
BEGIN SELECT RAISE (ABORT, 'rows of partner are never changed'); END;
CREATE TRIGGER partner_is_never_deleted BEFORE DELETE ON partner
BEGIN SELECT RAISE (ABORT, 'rows of partner are never deleted'); END;
CREATE TRIGGER partner_family_is_never_changed BEFORE UPDATE ON partner_family
BEGIN SELECT RAISE (ABORT, 'rows of partner_family are never changed'); END;
CREATE TRIGGER partner_family_is_never_deleted BEFORE DELETE ON partner_family
BEGIN SELECT RAISE (ABORT, 'rows of partner_family are never deleted'); END;
CREATE TRIGGER disclosure_is_never_changed BEFORE UPDATE ON disclosure
BEGIN SELECT RAISE (ABORT, 'rows of disclosure are never changed'); END;
CREATE TRIGGER disclosure_is_never_deleted BEFORE DELETE ON disclosure
BEGIN SELECT RAISE (ABORT, 'rows of disclosure are never deleted'); END;
CREATE TRIGGER claim_is_never_deleted BEFORE DELETE ON claim
BEGIN SELECT RAISE (ABORT, 'rows of claim are never deleted'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE (ABORT, 'rows of audit are never deleted'); END;
CREATE TRIGGER audit_line_is_never_deleted BEFORE DELETE ON audit_line
BEGIN SELECT RAISE (ABORT, 'rows of audit_line are never deleted'); END;
