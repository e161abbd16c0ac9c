CREATE TABLE agreement (
    source      TEXT NOT NULL PRIMARY KEY,        -- kind of source
    reference   TEXT NOT NULL,                    -- the sharing agreement's own reference
    recorded_at TEXT NOT NULL,                    -- UTC
    recorded_by TEXT NOT NULL                     -- account or officer
) STRICT;

CREATE TABLE load (
    id               INTEGER NOT NULL PRIMARY KEY, -- from 1
    mapping          TEXT NOT NULL,               -- name of the mapping
    source           TEXT NOT NULL,               -- kind of source
    file_name        TEXT NOT NULL,               -- as given
    file_sha256      TEXT NOT NULL,               -- of the file as given, hexadecimal
    agreement        TEXT NOT NULL,               -- reference in force
    as_of            TEXT NOT NULL,               -- day the data are current as of
    covers_from      TEXT NOT NULL,               -- first day covered
    covers_to        TEXT NOT NULL,               -- last day covered
    loaded_at        TEXT NOT NULL,               -- UTC
    loaded_by        TEXT NOT NULL,               -- account
    rows_taken       INTEGER NOT NULL,            -- how many rows became records
    rows_unmatched   INTEGER NOT NULL,            -- taken, but nobody of the register is meant
    rows_quarantined INTEGER NOT NULL             -- how many rows wait to be mended
) STRICT;

CREATE TABLE quarantine_row (
    load        INTEGER NOT NULL REFERENCES load (id), -- the load it was part of
    number      INTEGER NOT NULL,                 -- counts the faults of the load from 1
    line        INTEGER NOT NULL,                 -- line in the file, the headings being 1
    column_name TEXT NOT NULL,                    -- empty where no one column is meant
    reason      TEXT NOT NULL,                    -- may quote the value: for the analyst's screen only
    fix         TEXT NOT NULL,                    -- what to do about it, in words
    raw         TEXT NOT NULL,                    -- the row as it stands in the file
    PRIMARY KEY (load, number)
) STRICT;

CREATE TABLE person (
    id          INTEGER NOT NULL PRIMARY KEY,     -- given here, never reused
    given_name  TEXT NOT NULL,                    -- as the first source wrote it
    family_name TEXT NOT NULL,                    -- as the first source wrote it
    folded_name TEXT NOT NULL,                    -- the one spelling that is compared
    birth_date  TEXT,                             -- day, where known
    sex         TEXT NOT NULL                     -- female, male, not-known
) STRICT;

CREATE TABLE person_key (
    kind   TEXT NOT NULL,                         -- nhs, upn, ni, case, carer
    value  TEXT NOT NULL,                         -- its one spelling
    person INTEGER NOT NULL REFERENCES person (id), -- whose key it is
    PRIMARY KEY (kind, value)
) STRICT;

CREATE TABLE family (
    id          INTEGER NOT NULL PRIMARY KEY,     -- given here, never reused
    line        INTEGER NOT NULL,                 -- family line, the unit of privacy
    merged_into INTEGER,                          -- the older family it went up in
    ward        TEXT,                             -- GSS code of the newest address, where known
    uprn        TEXT,                             -- property reference of that address, where known
    settled_on  TEXT                              -- first day of the assessment that named it
) STRICT;

CREATE TABLE family_member (
    person INTEGER NOT NULL PRIMARY KEY REFERENCES person (id), -- a person is in one family only
    family INTEGER NOT NULL REFERENCES family (id) -- the family, never one that was merged
) STRICT;
CREATE INDEX family_member_by_family ON family_member (family);

CREATE TABLE household (
    surname TEXT NOT NULL,                        -- folded
    uprn    TEXT NOT NULL,                        -- property reference; a withheld address is no household
    family  INTEGER NOT NULL REFERENCES family (id), -- the family that lives there
    PRIMARY KEY (surname, uprn)
) STRICT;

CREATE TABLE line_merge (
    line      INTEGER NOT NULL PRIMARY KEY,       -- line that went up in another
    into_line INTEGER NOT NULL,                   -- line that stands for both
    merged_at TEXT NOT NULL                       -- UTC
) STRICT;

CREATE TABLE assessment (
    id              INTEGER NOT NULL PRIMARY KEY, -- given here, never reused
    reference       TEXT NOT NULL,                -- the source's number
    child           INTEGER NOT NULL REFERENCES person (id), -- the person assessed
    kind            TEXT NOT NULL,                -- initial, review
    started         TEXT NOT NULL,                -- day it was begun
    completed       TEXT,                         -- day it was finished, where it is
    whole_family    INTEGER,                      -- 1 yes, 0 no, NULL not recorded
    plan_made       TEXT,                         -- day of the plan, where there is one
    key_worker      TEXT,                         -- name of the key worker, where there is one
    key_worker_from TEXT,                         -- first day of the key worker
    needs           TEXT NOT NULL,                -- JSON: problem number to present or not
    load            INTEGER NOT NULL REFERENCES load (id), -- the load it came with
    line            INTEGER NOT NULL,             -- line in the file
    UNIQUE (reference, child, kind)               -- one number may stand for several children
) STRICT;

CREATE TABLE session_count (
    id        INTEGER NOT NULL PRIMARY KEY,       -- given here, never reused
    pupil     INTEGER NOT NULL REFERENCES person (id), -- the person at school
    term_from TEXT NOT NULL,                      -- first day of the term
    term_to   TEXT NOT NULL,                      -- last day of the term
    possible  INTEGER NOT NULL,                   -- sessions possible in the term
    code      TEXT NOT NULL,                      -- the source's word
    absence   INTEGER NOT NULL,                   -- 1 where the code means absence
    sessions  INTEGER NOT NULL,                   -- half days under this code
    load      INTEGER NOT NULL REFERENCES load (id), -- the load it came with
    line      INTEGER NOT NULL,                   -- line in the file
    UNIQUE (pupil, term_from, code)
) STRICT;

CREATE TABLE incident (
    id          INTEGER NOT NULL PRIMARY KEY,     -- given here, never reused
    reference   TEXT NOT NULL,                    -- the police's number
    folded_name TEXT NOT NULL,                    -- of whom it was, in the one spelling that is compared
    birth_date  TEXT NOT NULL,                    -- of whom it was; empty where not given
    person      INTEGER REFERENCES person (id),   -- NULL where nobody of the register is meant
    happened_on TEXT NOT NULL,                    -- day it happened
    kind        TEXT NOT NULL,                    -- offence, anti-social-behaviour, domestic-abuse
    load        INTEGER NOT NULL REFERENCES load (id), -- the load it came with
    line        INTEGER NOT NULL,                 -- line in the file
    UNIQUE (reference, folded_name, birth_date)   -- several people may be concerned in one incident
) STRICT;

CREATE TABLE spell (
    id       INTEGER NOT NULL PRIMARY KEY,        -- given here, never reused
    person   INTEGER NOT NULL REFERENCES person (id), -- who has the benefit or the job
    kind     TEXT NOT NULL,                       -- benefit, job
    from_day TEXT NOT NULL,                       -- first day
    description TEXT NOT NULL,                    -- which benefit or job; empty where not given
    to_day   TEXT,                                -- last day; NULL where it goes on
    load     INTEGER NOT NULL REFERENCES load (id), -- the load it came with
    line     INTEGER NOT NULL,                    -- line in the file
    UNIQUE (person, kind, from_day, description)
) STRICT;

CREATE TABLE care_spell (
    id       INTEGER NOT NULL PRIMARY KEY,        -- given here, never reused
    child    INTEGER NOT NULL REFERENCES person (id), -- the person in care or need
    kind     TEXT NOT NULL,                       -- in-need, protection-plan, looked-after
    from_day TEXT NOT NULL,                       -- first day
    to_day   TEXT,                                -- last day; NULL where it goes on
    load     INTEGER NOT NULL REFERENCES load (id), -- the load it came with
    line     INTEGER NOT NULL,                    -- line in the file
    UNIQUE (child, kind, from_day)
) STRICT;

CREATE TABLE episode (
    id            INTEGER NOT NULL PRIMARY KEY,   -- given here, never reused
    reference     TEXT NOT NULL,                  -- the source's number
    child         INTEGER NOT NULL REFERENCES person (id), -- the person worked with
    opened        TEXT NOT NULL,                  -- first day
    closed        TEXT,                           -- last day; NULL where it goes on
    reason        TEXT,                           -- why it was closed, where it is
    received_from TEXT,                           -- GSS code of the borough it came from
    load          INTEGER NOT NULL REFERENCES load (id), -- the load it came with
    line          INTEGER NOT NULL,               -- line in the file
    UNIQUE (reference, child)                     -- one number may stand for several children
) STRICT;
