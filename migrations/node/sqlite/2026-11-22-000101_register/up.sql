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
    file_name        TEXT NOT NULL,
    file_sha256      TEXT NOT NULL,               -- of the file as given, hexadecimal
    agreement        TEXT NOT NULL,               -- reference in force
    as_of            TEXT NOT NULL,               -- day the data are current as of
    covers_from      TEXT NOT NULL,               -- first day covered
    covers_to        TEXT NOT NULL,               -- last day covered
    loaded_at        TEXT NOT NULL,               -- UTC
    loaded_by        TEXT NOT NULL,               -- account
    rows_taken       INTEGER NOT NULL,
    rows_unmatched   INTEGER NOT NULL,            -- taken, but nobody of the register is meant
    rows_quarantined INTEGER NOT NULL
) STRICT;

CREATE TABLE quarantine_row (
    load        INTEGER NOT NULL REFERENCES load (id),
    number      INTEGER NOT NULL,                 -- counts the faults of the load from 1
    line        INTEGER NOT NULL,                 -- line in the file, the headings being 1
    column_name TEXT NOT NULL,                    -- empty where no one column is meant
    reason      TEXT NOT NULL,                    -- may quote the value: for the analyst's screen only
    fix         TEXT NOT NULL,
    raw         TEXT NOT NULL,                    -- the row as it stands in the file
    PRIMARY KEY (load, number)
) STRICT;

CREATE TABLE person (
    id          INTEGER NOT NULL PRIMARY KEY,     -- given here, never reused
    given_name  TEXT NOT NULL,
    family_name TEXT NOT NULL,
    folded_name TEXT NOT NULL,                    -- the one spelling that is compared
    birth_date  TEXT,
    sex         TEXT NOT NULL                     -- female, male, not-known
) STRICT;

CREATE TABLE person_key (
    kind   TEXT NOT NULL,                         -- nhs, upn, ni, case, carer
    value  TEXT NOT NULL,                         -- its one spelling
    person INTEGER NOT NULL REFERENCES person (id),
    PRIMARY KEY (kind, value)
) STRICT;

CREATE TABLE family (
    id          INTEGER NOT NULL PRIMARY KEY,     -- given here, never reused
    line        INTEGER NOT NULL,                 -- family line, the unit of privacy
    merged_into INTEGER,                          -- the older family it went up in
    ward        TEXT,                       -- GSS code of the newest address, where known
    uprn        TEXT,                       -- property reference of that address, where known
    settled_on  TEXT                        -- first day of the assessment that named it
) STRICT;

CREATE TABLE family_member (
    person INTEGER NOT NULL PRIMARY KEY REFERENCES person (id),
    family INTEGER NOT NULL REFERENCES family (id)
) STRICT;
CREATE INDEX family_member_by_family ON family_member (family);

CREATE TABLE household (
    surname TEXT NOT NULL,                        -- folded
    uprn    TEXT NOT NULL,                        -- property reference; a withheld address is no household
    family  INTEGER NOT NULL REFERENCES family (id),
    PRIMARY KEY (surname, uprn)
) STRICT;

CREATE TABLE line_merge (
    line      INTEGER NOT NULL PRIMARY KEY,       -- line that went up in another
    into_line INTEGER NOT NULL,
    merged_at TEXT NOT NULL                       -- UTC
) STRICT;

CREATE TABLE assessment (
    id              INTEGER NOT NULL PRIMARY KEY,
    reference       TEXT NOT NULL,                -- the source's number
    child           INTEGER NOT NULL REFERENCES person (id),
    kind            TEXT NOT NULL,                -- initial, review
    started         TEXT NOT NULL,
    completed       TEXT,
    whole_family    INTEGER,                      -- 1 yes, 0 no, NULL not recorded
    plan_made       TEXT,
    key_worker      TEXT,
    key_worker_from TEXT,
    needs           TEXT NOT NULL,                -- JSON: problem number to present or not
    load            INTEGER NOT NULL REFERENCES load (id),
    line            INTEGER NOT NULL,             -- line in the file
    UNIQUE (reference, child, kind)               -- one number may stand for several children
) STRICT;

CREATE TABLE session_count (
    id        INTEGER NOT NULL PRIMARY KEY,
    pupil     INTEGER NOT NULL REFERENCES person (id),
    term_from TEXT NOT NULL,
    term_to   TEXT NOT NULL,
    possible  INTEGER NOT NULL,                   -- sessions possible in the term
    code      TEXT NOT NULL,                      -- the source's word
    absence   INTEGER NOT NULL,                   -- 1 where the code means absence
    sessions  INTEGER NOT NULL,
    load      INTEGER NOT NULL REFERENCES load (id),
    line      INTEGER NOT NULL,
    UNIQUE (pupil, term_from, code)
) STRICT;

CREATE TABLE incident (
    id          INTEGER NOT NULL PRIMARY KEY,
    reference   TEXT NOT NULL,                    -- the police's number
    folded_name TEXT NOT NULL,                    -- of whom it was, in the one spelling that is compared
    birth_date  TEXT NOT NULL,                    -- of whom it was; empty where not given
    person      INTEGER REFERENCES person (id),   -- NULL where nobody of the register is meant
    happened_on TEXT NOT NULL,
    kind        TEXT NOT NULL,                    -- offence, anti-social-behaviour, domestic-abuse
    load        INTEGER NOT NULL REFERENCES load (id),
    line        INTEGER NOT NULL,
    UNIQUE (reference, folded_name, birth_date)   -- several people may be concerned in one incident
) STRICT;

CREATE TABLE spell (
    id       INTEGER NOT NULL PRIMARY KEY,
    person   INTEGER NOT NULL REFERENCES person (id),
    kind     TEXT NOT NULL,                       -- benefit, job
    from_day TEXT NOT NULL,
    description TEXT NOT NULL,                    -- which benefit or job; empty where not given
    to_day   TEXT,
    load     INTEGER NOT NULL REFERENCES load (id),
    line     INTEGER NOT NULL,
    UNIQUE (person, kind, from_day, description)
) STRICT;

CREATE TABLE care_spell (
    id       INTEGER NOT NULL PRIMARY KEY,
    child    INTEGER NOT NULL REFERENCES person (id),
    kind     TEXT NOT NULL,                       -- in-need, protection-plan, looked-after
    from_day TEXT NOT NULL,
    to_day   TEXT,
    load     INTEGER NOT NULL REFERENCES load (id),
    line     INTEGER NOT NULL,
    UNIQUE (child, kind, from_day)
) STRICT;

CREATE TABLE episode (
    id            INTEGER NOT NULL PRIMARY KEY,
    reference     TEXT NOT NULL,                  -- the source's number
    child         INTEGER NOT NULL REFERENCES person (id),
    opened        TEXT NOT NULL,
    closed        TEXT,
    reason        TEXT,
    received_from TEXT,                           -- GSS code of the borough it came from
    load          INTEGER NOT NULL REFERENCES load (id),
    line          INTEGER NOT NULL,
    UNIQUE (reference, child)
) STRICT;
