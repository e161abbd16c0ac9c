CREATE TABLE readmission (
    number  INTEGER NOT NULL PRIMARY KEY,         -- from 1, without gaps
    borough TEXT COLLATE "C" NOT NULL,            -- GSS code
    kind    TEXT COLLATE "C" NOT NULL CHECK (kind IN ('pressed', 'used')), -- pressed by a person, or used by the borough's node: what stands last holds
    request TEXT COLLATE "C" NOT NULL,            -- SHA-256 of the request it let in; empty where pressed
    at      TIMESTAMP NOT NULL,                   -- UTC
    account TEXT NOT NULL                         -- that pressed it; empty where used
);
CREATE INDEX readmission_by_borough ON readmission (borough, number);
CREATE TRIGGER readmission_is_never_changed BEFORE UPDATE OR DELETE ON readmission
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER readmission_is_never_truncated BEFORE TRUNCATE ON readmission
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE invitation (
    secret  TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- SHA-256 of its secret, hexadecimal; the secret itself is kept nowhere
    borough TEXT COLLATE "C" NOT NULL,            -- GSS code
    made_at TIMESTAMP NOT NULL,                   -- UTC
    made_by TEXT NOT NULL,                        -- account
    ends_at TIMESTAMP NOT NULL                    -- UTC; not used by then, never
);
CREATE TRIGGER invitation_is_never_changed BEFORE UPDATE OR DELETE ON invitation
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invitation_is_never_truncated BEFORE TRUNCATE ON invitation
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE invitation_use (
    secret  TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES invitation (secret), -- each once
    request TEXT COLLATE "C" NOT NULL,            -- SHA-256 of the request it let in, hexadecimal
    used_at TIMESTAMP NOT NULL                    -- UTC
);
CREATE TRIGGER invitation_use_is_never_changed BEFORE UPDATE OR DELETE ON invitation_use
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invitation_use_is_never_truncated BEFORE TRUNCATE ON invitation_use
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE enrolment_request (
    request     TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- SHA-256 of the signed request, hexadecimal
    borough     TEXT COLLATE "C" NOT NULL,        -- GSS code it claims
    release_key TEXT COLLATE "C" NOT NULL,        -- that signed it
    signed      TEXT NOT NULL,                    -- as received, JWS
    received_at TIMESTAMP NOT NULL                -- UTC
);
