CREATE TABLE standing_approval (
    id         INTEGER NOT NULL PRIMARY KEY,      -- from 1, without gaps
    policy     TEXT NOT NULL,                     -- hash of the policy; it covers quarters under no other
    preparer   TEXT,                              -- account that has to prepare; none for any analyst
    granted_at TEXT NOT NULL,                     -- UTC
    granted_by TEXT NOT NULL,                     -- account of the approver
    ends_at    TEXT NOT NULL,                     -- UTC; it covers nothing from then on
    signed     TEXT NOT NULL                      -- the approver's signed word, JWS
) STRICT;
CREATE TRIGGER standing_approval_is_never_changed BEFORE UPDATE ON standing_approval
BEGIN SELECT RAISE (ABORT, 'standing approvals are never changed'); END;
CREATE TRIGGER standing_approval_is_never_deleted BEFORE DELETE ON standing_approval
BEGIN SELECT RAISE (ABORT, 'standing approvals are never deleted'); END;

CREATE TABLE standing_revocation (
    standing   INTEGER NOT NULL PRIMARY KEY REFERENCES standing_approval (id), -- the standing approval that ends
    revoked_at TEXT NOT NULL,                     -- UTC; it covers nothing from then on
    revoked_by TEXT NOT NULL                      -- account of an approver
) STRICT;
CREATE TRIGGER standing_revocation_is_never_changed BEFORE UPDATE ON standing_revocation
BEGIN SELECT RAISE (ABORT, 'revocations are never changed'); END;
CREATE TRIGGER standing_revocation_is_never_deleted BEFORE DELETE ON standing_revocation
BEGIN SELECT RAISE (ABORT, 'revocations are never deleted'); END;

CREATE TRIGGER standing_approval_is_not_used_by_the_preparer BEFORE INSERT ON approval
WHEN NEW.standing IS NOT NULL AND EXISTS (
    SELECT 1 FROM preparation WHERE quarter = NEW.quarter AND prepared_by = NEW.used_by
)
BEGIN SELECT RAISE (ABORT, 'a standing approval is put to use by another person than the one who prepared'); END;
CREATE TRIGGER standing_approval_covers_what_it_names BEFORE INSERT ON approval
WHEN NEW.standing IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM standing_approval AS given JOIN preparation ON preparation.quarter = NEW.quarter
    WHERE given.id = NEW.standing AND given.granted_by = NEW.approved_by AND given.policy = preparation.policy
        AND COALESCE(given.preparer, preparation.prepared_by) = preparation.prepared_by
        AND given.granted_at <= NEW.approved_at AND NEW.approved_at < given.ends_at
)
BEGIN SELECT RAISE (ABORT, 'the standing approval does not cover this quarter'); END;
CREATE TRIGGER standing_approval_is_not_used_once_revoked BEFORE INSERT ON approval
WHEN NEW.standing IS NOT NULL AND EXISTS (SELECT 1 FROM standing_revocation WHERE standing = NEW.standing)
BEGIN SELECT RAISE (ABORT, 'the standing approval is revoked'); END;
CREATE TRIGGER the_first_release_is_never_routine BEFORE INSERT ON approval
WHEN NEW.standing IS NOT NULL AND NOT EXISTS (SELECT 1 FROM release WHERE quarter < NEW.quarter)
BEGIN SELECT RAISE (ABORT, 'the first release is never routine'); END;
