CREATE TABLE readmission (
    number  INTEGER NOT NULL PRIMARY KEY,         -- from 1, without gaps
    borough TEXT NOT NULL,                        -- GSS code
    kind    TEXT NOT NULL CHECK (kind IN ('pressed', 'used')), -- pressed by a person, or used by the borough's node: what stands last holds
    request TEXT NOT NULL,                        -- SHA-256 of the request it let in; empty where pressed
    at      TEXT NOT NULL,                        -- UTC
    account TEXT NOT NULL                         -- that pressed it; empty where used
) STRICT;
CREATE INDEX readmission_by_borough ON readmission (borough, number);
CREATE TRIGGER readmission_is_never_changed BEFORE UPDATE ON readmission
BEGIN SELECT RAISE (ABORT, 'readmissions are never changed'); END;
CREATE TRIGGER readmission_is_never_deleted BEFORE DELETE ON readmission
BEGIN SELECT RAISE (ABORT, 'readmissions are never deleted'); END;

CREATE TABLE invitation (
    secret  TEXT NOT NULL PRIMARY KEY,            -- SHA-256 of its secret, hexadecimal; the secret itself is kept nowhere
    borough TEXT NOT NULL,                        -- GSS code
    made_at TEXT NOT NULL,                        -- UTC
    made_by TEXT NOT NULL,                        -- account
    ends_at TEXT NOT NULL                         -- UTC; not used by then, never
) STRICT;
CREATE TRIGGER invitation_is_never_changed BEFORE UPDATE ON invitation
BEGIN SELECT RAISE (ABORT, 'invitations are never changed'); END;
CREATE TRIGGER invitation_is_never_deleted BEFORE DELETE ON invitation
BEGIN SELECT RAISE (ABORT, 'invitations are never deleted'); END;

CREATE TABLE invitation_use (
    secret  TEXT NOT NULL PRIMARY KEY REFERENCES invitation (secret), -- each once
    request TEXT NOT NULL,                        -- SHA-256 of the request it let in, hexadecimal
    used_at TEXT NOT NULL                         -- UTC
) STRICT;
CREATE TRIGGER invitation_use_is_never_changed BEFORE UPDATE ON invitation_use
BEGIN SELECT RAISE (ABORT, 'an invitation stays used'); END;
CREATE TRIGGER invitation_use_is_never_deleted BEFORE DELETE ON invitation_use
BEGIN SELECT RAISE (ABORT, 'an invitation stays used'); END;

CREATE TABLE enrolment_request (
    request     TEXT NOT NULL PRIMARY KEY,        -- SHA-256 of the signed request, hexadecimal
    borough     TEXT NOT NULL,                    -- GSS code it claims
    release_key TEXT NOT NULL,                    -- that signed it
    signed      TEXT NOT NULL,                    -- as received, JWS
    received_at TEXT NOT NULL                     -- UTC
) STRICT;
