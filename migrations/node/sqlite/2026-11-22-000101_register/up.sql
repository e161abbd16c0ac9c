CREATE TABLE agreement (
    source TEXT NOT NULL PRIMARY KEY, -- kind of source
    reference TEXT NOT NULL,          -- the sharing agreement's own reference
    recorded_at TEXT NOT NULL,        -- UTC
    recorded_by TEXT NOT NULL         -- account or officer
) STRICT;

CREATE TABLE load (
    id INTEGER NOT NULL PRIMARY KEY,    -- from 1; never reused
    mapping TEXT NOT NULL,              -- name of the mapping
    source TEXT NOT NULL,               -- kind of source
    file_name TEXT NOT NULL,            -- as given, with the sheet where it has several
    file_sha256 TEXT NOT NULL,          -- of the file as given, hexadecimal
    agreement TEXT NOT NULL,            -- reference in force
    authority TEXT NOT NULL,            -- whose person numbers hold whatever names say: a case system, or empty
    headings TEXT NOT NULL,             -- the line of headings as it stands in the file
    area TEXT NOT NULL,                 -- what part of the borough it covers; empty for all of it
    as_of TEXT NOT NULL,                -- day the data are current as of
    covers_from TEXT NOT NULL,          -- first day covered
    covers_to TEXT NOT NULL,            -- last day covered
    loaded_at TEXT NOT NULL,            -- UTC
    loaded_by TEXT NOT NULL,            -- account
    rows_taken INTEGER NOT NULL,        -- how many rows became records
    rows_unmatched INTEGER NOT NULL,    -- taken, but about nobody of a family here
    rows_quarantined INTEGER NOT NULL,  -- how many rows were put into quarantine
    quality TEXT NOT NULL,              -- JSON: what stood in each column
    mends INTEGER REFERENCES load (id), -- the load whose quarantine this one mends
    answers INTEGER NOT NULL,           -- 1 where it answers a check list: it covers no days for people who are not on it
    undone_at TEXT,                     -- UTC; its rows are gone then
    undone_by TEXT                      -- account
) STRICT;

CREATE TABLE quarantine_row (
    load INTEGER NOT NULL REFERENCES load (id), -- the load it was part of
    number INTEGER NOT NULL,                    -- counts the faults of the load from 1
    line INTEGER NOT NULL,                      -- line in the file, the headings being 1
    column_name TEXT NOT NULL,                  -- empty where no one column is meant
    reason TEXT NOT NULL,                       -- may quote the value: for the analyst's screen only
    fix TEXT NOT NULL,                          -- what to do about it, in words
    raw TEXT NOT NULL,                          -- the row as it stands in the file
    mended_by INTEGER REFERENCES load (id),     -- the load that brought the row again
    PRIMARY KEY (load, number)
) STRICT;

CREATE TABLE query_row (
    load INTEGER NOT NULL REFERENCES load (id), -- the load it was part of
    number INTEGER NOT NULL,                    -- counts the queries of the load from 1
    line INTEGER NOT NULL,                      -- line in the file, the headings being 1
    column_name TEXT NOT NULL,                  -- empty where no one column is meant
    rule TEXT NOT NULL,                         -- what was asked, in one word
    own_key TEXT NOT NULL,                      -- of the record, the same when it is sent again; SHA-256, hexadecimal
    question TEXT NOT NULL,                     -- may quote the value: for the analyst's screen only
    PRIMARY KEY (load, number)
) STRICT;

CREATE TABLE query_answer (
    source TEXT NOT NULL,      -- kind of source
    rule TEXT NOT NULL,        -- what was asked
    own_key TEXT NOT NULL,     -- of the record
    explanation TEXT NOT NULL, -- in the words of who gave it
    answered_at TEXT NOT NULL, -- UTC
    answered_by TEXT NOT NULL, -- account
    PRIMARY KEY (source, rule, own_key)
) STRICT;

CREATE TABLE person (
    id INTEGER NOT NULL PRIMARY KEY, -- given here, never reused
    given_name TEXT NOT NULL,        -- of the fullest mention
    family_name TEXT NOT NULL,       -- of the fullest mention
    birth_date TEXT,                 -- day, where known
    sex TEXT NOT NULL,               -- female, male, not-known
    family INTEGER,                  -- the family the person belongs to, if any
    first_family INTEGER             -- the first family the person belonged to
) STRICT;
CREATE INDEX person_by_family ON person (family);

CREATE TABLE mention (
    id INTEGER NOT NULL PRIMARY KEY, -- given here, never reused
    identity TEXT NOT NULL UNIQUE,   -- fingerprint of all that a row says of who is meant, hexadecimal
    given_name TEXT NOT NULL,        -- as the source wrote it
    family_name TEXT NOT NULL,       -- as the source wrote it
    birth_date TEXT,                 -- day, where given
    sex TEXT,                        -- female, male, not-known
    nhs_number TEXT,                 -- its one spelling
    upn TEXT,                        -- its one spelling
    ni_number TEXT,                  -- its one spelling
    case_system TEXT,                -- whose id the case id is
    case_id TEXT,                    -- the case system's own id
    person INTEGER,                  -- the person meant, by all that is known now
    first_person INTEGER             -- the first person it was taken for
) STRICT;
CREATE INDEX mention_by_person ON mention (person);

CREATE TABLE mention_load (
    load INTEGER NOT NULL REFERENCES load (id), -- a load that has such a row
    mention INTEGER NOT NULL,                   -- who is meant
    PRIMARY KEY (load, mention)
) STRICT, WITHOUT ROWID;

CREATE TABLE register_head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), -- one row: the numbers given so far
    last_person INTEGER NOT NULL,                   -- highest number of a person
    last_family INTEGER NOT NULL,                   -- highest number of a family
    last_line INTEGER NOT NULL,                     -- highest number of a family line
    last_mention INTEGER NOT NULL                   -- highest number of a mention
) STRICT;
INSERT INTO register_head (id, last_person, last_family, last_line, last_mention) VALUES (1, 0, 0, 0, 0);

CREATE TABLE family (
    id INTEGER NOT NULL PRIMARY KEY, -- given here, never reused; without people it is a family that was
    line INTEGER NOT NULL,           -- family line, the unit of privacy
    ward TEXT,                       -- GSS code of the newest address, where known
    uprn TEXT,                       -- property reference of that address, where known
    settled_on TEXT                  -- first day of the assessment that named it
) STRICT;

CREATE TABLE line_merge (
    line INTEGER NOT NULL PRIMARY KEY, -- line that went up in another
    into_line INTEGER NOT NULL,        -- line that stands for both
    merged_at TEXT NOT NULL,           -- UTC
    load INTEGER                       -- the load that brought them together, if it was one
) STRICT;

CREATE TABLE person_decision (
    id INTEGER NOT NULL PRIMARY KEY, -- from 1
    act INTEGER NOT NULL,            -- number of the decision; one may be about several pairs
    kind TEXT NOT NULL,              -- same-person, different-person, same-family, different-family
    one TEXT NOT NULL,               -- fingerprint of a mention
    other TEXT NOT NULL,             -- fingerprint of another
    reason TEXT NOT NULL,            -- in the words of who decided
    decided_at TEXT NOT NULL,        -- UTC
    decided_by TEXT NOT NULL,        -- account
    revoked_at TEXT,                 -- UTC; it is as if it had not been decided
    revoked_by TEXT                  -- account
) STRICT;

CREATE TABLE link (
    one TEXT NOT NULL,         -- fingerprint of a mention, the smaller of the two
    other TEXT NOT NULL,       -- fingerprint of another
    weight INTEGER NOT NULL,   -- bits in thousandths, by the parameters of that day
    accepted INTEGER NOT NULL, -- 1 at or above the upper threshold; 0 between the two
    parameters TEXT NOT NULL,  -- name of the parameters
    because TEXT NOT NULL,     -- JSON: level and weight of each field that both sides know
    PRIMARY KEY (one, other)
) STRICT;

CREATE TABLE weighing (
    id INTEGER NOT NULL PRIMARY KEY, -- from 1, in the order of weighing
    parameters TEXT NOT NULL,        -- what was weighed by
    last_person INTEGER NOT NULL,    -- the highest number of a person then; who has a higher one was not weighed
    weighed_at TEXT NOT NULL,        -- UTC
    weighed_by TEXT NOT NULL         -- account
) STRICT;

CREATE TABLE assessment (
    load INTEGER NOT NULL REFERENCES load (id), -- the load it came with
    line INTEGER NOT NULL,                      -- line in the file
    reference TEXT NOT NULL,                    -- the source's number
    child INTEGER NOT NULL,                     -- mention of the person assessed
    carer INTEGER,                              -- mention of the carer, where the row names one
    kind TEXT NOT NULL,                         -- initial, review
    started TEXT NOT NULL,                      -- day it was begun
    completed TEXT,                             -- day it was finished, where it is
    whole_family INTEGER,                       -- 1 yes, 0 no, NULL not recorded
    plan_made TEXT,                             -- day of the plan, where there is one
    key_worker TEXT,                            -- name of the key worker, where there is one
    key_worker_from TEXT,                       -- first day of the key worker
    needs TEXT NOT NULL,                        -- JSON: problem number to present or not
    address TEXT,                               -- in words
    postcode TEXT,                              -- as the source wrote it
    family_ref TEXT,                            -- the source's number of the family, where it is authoritative
    uprn TEXT,                                  -- property reference; a withheld address has none
    ward TEXT,                                  -- GSS code, where the source gives one
    referral_source TEXT,                       -- who asked for help, in the register's words, where the source tells it
    PRIMARY KEY (load, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX assessment_by_child ON assessment (child);

CREATE TABLE session_count (
    load INTEGER NOT NULL REFERENCES load (id), -- the load it came with
    line INTEGER NOT NULL,                      -- line in the file
    pupil INTEGER NOT NULL,                     -- mention of the person at school
    term_from TEXT NOT NULL,                    -- first day of the term
    term_to TEXT NOT NULL,                      -- last day of the term
    possible INTEGER NOT NULL,                  -- sessions possible in the term
    code TEXT NOT NULL,                         -- the source's word
    absence INTEGER NOT NULL,                   -- 0 present, 1 absent, 2 absent with leave
    sessions INTEGER NOT NULL,                  -- half days under this code
    PRIMARY KEY (load, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_count_by_pupil ON session_count (pupil);

CREATE TABLE incident (
    load INTEGER NOT NULL REFERENCES load (id), -- the load it came with
    line INTEGER NOT NULL,                      -- line in the file
    reference TEXT NOT NULL,                    -- the police's number
    person INTEGER NOT NULL,                    -- mention of who was concerned
    happened_on TEXT NOT NULL,                  -- day it happened
    kind TEXT NOT NULL,                         -- offence, anti-social-behaviour, domestic-abuse
    PRIMARY KEY (load, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_by_person ON incident (person);

CREATE TABLE spell (
    load INTEGER NOT NULL REFERENCES load (id), -- the load it came with
    line INTEGER NOT NULL,                      -- line in the file
    person INTEGER NOT NULL,                    -- mention of who has the benefit or the job
    kind TEXT NOT NULL,                         -- benefit, job
    from_day TEXT NOT NULL,                     -- first day
    description TEXT NOT NULL,                  -- which benefit or job; empty where not given
    to_day TEXT,                                -- last day; NULL where it goes on
    PRIMARY KEY (load, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX spell_by_person ON spell (person);

CREATE TABLE care_spell (
    load INTEGER NOT NULL REFERENCES load (id), -- the load it came with
    line INTEGER NOT NULL,                      -- line in the file
    child INTEGER NOT NULL,                     -- mention of the person in care or need
    kind TEXT NOT NULL,                         -- in-need, protection-plan, looked-after
    from_day TEXT NOT NULL,                     -- first day
    to_day TEXT,                                -- last day; NULL where it goes on
    PRIMARY KEY (load, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX care_spell_by_child ON care_spell (child);

CREATE TABLE episode (
    load INTEGER NOT NULL REFERENCES load (id), -- the load it came with
    line INTEGER NOT NULL,                      -- line in the file
    reference TEXT NOT NULL,                    -- the source's number
    child INTEGER NOT NULL,                     -- mention of the person worked with
    opened TEXT NOT NULL,                       -- first day
    closed TEXT,                                -- last day; NULL where it goes on
    reason TEXT,                                -- why it was closed, where it is
    received_from TEXT,                         -- GSS code of the borough it came from
    family_ref TEXT,                            -- the source's number of the family, where it is authoritative
    PRIMARY KEY (load, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX episode_by_child ON episode (child);

CREATE TABLE housing_spell (
    load INTEGER NOT NULL REFERENCES load (id), -- the load it came with
    line INTEGER NOT NULL,                      -- line in the file
    person INTEGER NOT NULL,                    -- mention of the tenant
    kind TEXT NOT NULL,                         -- arrears, notice, eviction
    from_day TEXT NOT NULL,                     -- first day
    to_day TEXT,                                -- last day; NULL where it goes on
    address TEXT,                               -- in words
    postcode TEXT,                              -- as the source wrote it
    uprn TEXT,                                  -- property reference
    PRIMARY KEY (load, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX housing_spell_by_person ON housing_spell (person);

CREATE TABLE circumstance (
    load INTEGER NOT NULL REFERENCES load (id), -- the load it came with
    line INTEGER NOT NULL,                      -- line in the file
    person INTEGER NOT NULL,                    -- mention of the person
    kind TEXT NOT NULL,                         -- moved-away, custody, left-school, adopted, died, not-traced, traced, expecting
    asked TEXT,                                 -- of a person traced or not traced: the source that was asked
    from_day TEXT NOT NULL,                     -- first day
    to_day TEXT,                                -- last day; NULL where it goes on
    PRIMARY KEY (load, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX circumstance_by_person ON circumstance (person);

CREATE TABLE standing (
    id INTEGER NOT NULL PRIMARY KEY, -- from 1
    identity TEXT NOT NULL,          -- fingerprint of a mention of the person
    kind TEXT NOT NULL,              -- consent, withdrawal, objection, restriction, lifted
    form TEXT NOT NULL,              -- version of the form, or the reference of the letter
    on_day TEXT NOT NULL,            -- day it was given
    recorded_at TEXT NOT NULL,       -- UTC
    recorded_by TEXT NOT NULL        -- account
) STRICT;

CREATE TABLE place (
    kind TEXT NOT NULL,  -- uprn, postcode
    value TEXT NOT NULL, -- its one spelling
    ward TEXT NOT NULL,  -- GSS code
    dated TEXT NOT NULL, -- date of the file it came with
    PRIMARY KEY (kind, value)
) STRICT;
