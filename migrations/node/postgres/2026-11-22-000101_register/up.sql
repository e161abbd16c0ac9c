CREATE TABLE agreement (
    source      TEXT COLLATE "C" NOT NULL PRIMARY KEY,        -- kind of source
    reference   TEXT COLLATE "C" NOT NULL,                    -- the sharing agreement's own reference
    recorded_at TIMESTAMP NOT NULL,                    -- UTC
    recorded_by TEXT COLLATE "C" NOT NULL                     -- account or officer
);

CREATE TABLE load (
    id               BIGINT NOT NULL PRIMARY KEY, -- from 1
    mapping          TEXT COLLATE "C" NOT NULL,               -- name of the mapping
    source           TEXT COLLATE "C" NOT NULL,               -- kind of source
    file_name        TEXT COLLATE "C" NOT NULL,   -- as given
    file_sha256      TEXT COLLATE "C" NOT NULL,               -- of the file as given, hexadecimal
    agreement        TEXT COLLATE "C" NOT NULL,               -- reference in force
    as_of            DATE NOT NULL,               -- day the data are current as of
    covers_from      DATE NOT NULL,               -- first day covered
    covers_to        DATE NOT NULL,               -- last day covered
    loaded_at        TIMESTAMP NOT NULL,               -- UTC
    loaded_by        TEXT COLLATE "C" NOT NULL,               -- account
    rows_taken       BIGINT NOT NULL,             -- how many rows became records
    rows_unmatched   BIGINT NOT NULL,            -- taken, but nobody of the register is meant
    rows_quarantined BIGINT NOT NULL              -- how many rows wait to be mended
);

CREATE TABLE quarantine_row (
    load        BIGINT NOT NULL REFERENCES load (id), -- the load it was part of
    number      BIGINT NOT NULL,                 -- counts the faults of the load from 1
    line        BIGINT NOT NULL,                 -- line in the file, the headings being 1
    column_name TEXT COLLATE "C" NOT NULL,                    -- empty where no one column is meant
    reason      TEXT COLLATE "C" NOT NULL,                    -- may quote the value: for the analyst's screen only
    fix         TEXT COLLATE "C" NOT NULL,        -- what to do about it, in words
    raw         TEXT COLLATE "C" NOT NULL,                    -- the row as it stands in the file
    PRIMARY KEY (load, number)
);

CREATE TABLE person (
    id          BIGINT NOT NULL PRIMARY KEY,     -- given here, never reused
    given_name  TEXT COLLATE "C" NOT NULL,        -- as the first source wrote it
    family_name TEXT COLLATE "C" NOT NULL,        -- as the first source wrote it
    folded_name TEXT COLLATE "C" NOT NULL,        -- the one spelling that is compared
    birth_date  DATE,                             -- day, where known
    sex         TEXT COLLATE "C" NOT NULL                     -- female, male, not-known
);

CREATE TABLE person_key (
    kind   TEXT COLLATE "C" NOT NULL,                         -- nhs, upn, ni, case, carer
    value  TEXT COLLATE "C" NOT NULL,                         -- its one spelling
    person BIGINT NOT NULL REFERENCES person (id), -- whose key it is
    PRIMARY KEY (kind, value)
);

CREATE TABLE family (
    id          BIGINT NOT NULL PRIMARY KEY,     -- given here, never reused
    line        BIGINT NOT NULL,                 -- family line, the unit of privacy
    merged_into BIGINT,                          -- the older family it went up in
    ward        TEXT COLLATE "C",                 -- GSS code of the newest address, where known
    uprn        TEXT COLLATE "C",                 -- property reference of that address, where known
    settled_on  DATE                              -- first day of the assessment that named it
);

CREATE TABLE family_member (
    person BIGINT NOT NULL PRIMARY KEY REFERENCES person (id), -- a person is in one family only
    family BIGINT NOT NULL REFERENCES family (id) -- the family, never one that was merged
);
CREATE INDEX family_member_by_family ON family_member (family);

CREATE TABLE household (
    surname TEXT COLLATE "C" NOT NULL,                        -- folded
    uprn    TEXT COLLATE "C" NOT NULL,            -- property reference; a withheld address is no household
    family  BIGINT NOT NULL REFERENCES family (id), -- the family that lives there
    PRIMARY KEY (surname, uprn)
);

CREATE TABLE line_merge (
    line      BIGINT NOT NULL PRIMARY KEY,       -- line that went up in another
    into_line BIGINT NOT NULL,                    -- line that stands for both
    merged_at TIMESTAMP NOT NULL                       -- UTC
);

CREATE TABLE assessment (
    id              BIGSERIAL NOT NULL PRIMARY KEY, -- given here, never reused
    reference       TEXT COLLATE "C" NOT NULL,                -- the source's number
    child           BIGINT NOT NULL REFERENCES person (id), -- the person assessed
    kind            TEXT COLLATE "C" NOT NULL,                -- initial, review
    started         DATE NOT NULL,                -- day it was begun
    completed       DATE,                         -- day it was finished, where it is
    whole_family    INTEGER,                      -- 1 yes, 0 no, NULL not recorded
    plan_made       DATE,                         -- day of the plan, where there is one
    key_worker      TEXT COLLATE "C",             -- name of the key worker, where there is one
    key_worker_from DATE,                         -- first day of the key worker
    needs           TEXT COLLATE "C" NOT NULL,                -- JSON: problem number to present or not
    load            BIGINT NOT NULL REFERENCES load (id), -- the load it came with
    line            BIGINT NOT NULL,             -- line in the file
    UNIQUE (reference, child, kind)               -- one number may stand for several children
);

CREATE TABLE session_count (
    id        BIGSERIAL NOT NULL PRIMARY KEY,     -- given here, never reused
    pupil     BIGINT NOT NULL REFERENCES person (id), -- the person at school
    term_from DATE NOT NULL,                      -- first day of the term
    term_to   DATE NOT NULL,                      -- last day of the term
    possible  INTEGER NOT NULL,                   -- sessions possible in the term
    code      TEXT COLLATE "C" NOT NULL,                      -- the source's word
    absence   INTEGER NOT NULL,                   -- 1 where the code means absence
    sessions  INTEGER NOT NULL,                   -- half days under this code
    load      BIGINT NOT NULL REFERENCES load (id), -- the load it came with
    line      BIGINT NOT NULL,                    -- line in the file
    UNIQUE (pupil, term_from, code)
);

CREATE TABLE incident (
    id          BIGSERIAL NOT NULL PRIMARY KEY,   -- given here, never reused
    reference   TEXT COLLATE "C" NOT NULL,                    -- the police's number
    folded_name TEXT COLLATE "C" NOT NULL,        -- of whom it was, in the one spelling that is compared
    birth_date  TEXT COLLATE "C" NOT NULL,        -- of whom it was; empty where not given
    person      BIGINT REFERENCES person (id),   -- NULL where nobody of the register is meant
    happened_on DATE NOT NULL,                    -- day it happened
    kind        TEXT COLLATE "C" NOT NULL,                    -- offence, anti-social-behaviour, domestic-abuse
    load        BIGINT NOT NULL REFERENCES load (id), -- the load it came with
    line        BIGINT NOT NULL,                  -- line in the file
    UNIQUE (reference, folded_name, birth_date)   -- several people may be concerned in one incident
);

CREATE TABLE spell (
    id       BIGSERIAL NOT NULL PRIMARY KEY,      -- given here, never reused
    person   BIGINT NOT NULL REFERENCES person (id), -- who has the benefit or the job
    kind     TEXT COLLATE "C" NOT NULL,                       -- benefit, job
    from_day DATE NOT NULL,                       -- first day
    description TEXT COLLATE "C" NOT NULL,        -- which benefit or job; empty where not given
    to_day   DATE,                                -- last day; NULL where it goes on
    load     BIGINT NOT NULL REFERENCES load (id), -- the load it came with
    line     BIGINT NOT NULL,                     -- line in the file
    UNIQUE (person, kind, from_day, description)
);

CREATE TABLE care_spell (
    id       BIGSERIAL NOT NULL PRIMARY KEY,      -- given here, never reused
    child    BIGINT NOT NULL REFERENCES person (id), -- the person in care or need
    kind     TEXT COLLATE "C" NOT NULL,                       -- in-need, protection-plan, looked-after
    from_day DATE NOT NULL,                       -- first day
    to_day   DATE,                                -- last day; NULL where it goes on
    load     BIGINT NOT NULL REFERENCES load (id), -- the load it came with
    line     BIGINT NOT NULL,                     -- line in the file
    UNIQUE (child, kind, from_day)
);

CREATE TABLE episode (
    id            BIGSERIAL NOT NULL PRIMARY KEY, -- given here, never reused
    reference     TEXT COLLATE "C" NOT NULL,                  -- the source's number
    child         BIGINT NOT NULL REFERENCES person (id), -- the person worked with
    opened        DATE NOT NULL,                  -- first day
    closed        DATE,                           -- last day; NULL where it goes on
    reason        TEXT COLLATE "C",               -- why it was closed, where it is
    received_from TEXT COLLATE "C",                           -- GSS code of the borough it came from
    load          BIGINT NOT NULL REFERENCES load (id), -- the load it came with
    line          BIGINT NOT NULL,                -- line in the file
    UNIQUE (reference, child)                     -- one number may stand for several children
);
