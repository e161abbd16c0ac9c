CREATE TABLE agreement (
    source TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- kind of source
    reference TEXT COLLATE "C" NOT NULL,          -- the sharing agreement's own reference
    recorded_at TIMESTAMP NOT NULL,               -- UTC
    recorded_by TEXT COLLATE "C" NOT NULL         -- account or officer
);

CREATE TABLE load (
    id BIGINT NOT NULL PRIMARY KEY,        -- from 1; never reused
    mapping TEXT COLLATE "C" NOT NULL,     -- name of the mapping
    source TEXT COLLATE "C" NOT NULL,      -- kind of source
    file_name TEXT COLLATE "C" NOT NULL,   -- as given, with the sheet where it has several
    file_sha256 TEXT COLLATE "C" NOT NULL, -- of the file as given, hexadecimal
    agreement TEXT COLLATE "C" NOT NULL,   -- reference in force
    authority TEXT COLLATE "C" NOT NULL,   -- whose person numbers hold whatever names say: a case system, or empty
    headings TEXT COLLATE "C" NOT NULL,    -- the line of headings as it stands in the file
    area TEXT COLLATE "C" NOT NULL,        -- what part of the borough it covers; empty for all of it
    as_of DATE NOT NULL,                   -- day the data are current as of
    covers_from DATE NOT NULL,             -- first day covered
    covers_to DATE NOT NULL,               -- last day covered
    loaded_at TIMESTAMP NOT NULL,          -- UTC
    loaded_by TEXT COLLATE "C" NOT NULL,   -- account
    rows_taken BIGINT NOT NULL,            -- how many rows became records
    rows_unmatched BIGINT NOT NULL,        -- taken, but about nobody of a family here
    rows_quarantined BIGINT NOT NULL,      -- how many rows were put into quarantine
    quality TEXT COLLATE "C" NOT NULL,     -- JSON: what stood in each column
    mends BIGINT REFERENCES load (id),     -- the load whose quarantine this one mends
    answers INTEGER NOT NULL,              -- 1 where it answers a check list: it covers no days for people who are not on it
    undone_at TIMESTAMP,                   -- UTC; its rows are gone then
    undone_by TEXT COLLATE "C"             -- account
);

CREATE TABLE quarantine_row (
    load BIGINT NOT NULL REFERENCES load (id), -- the load it was part of
    number BIGINT NOT NULL,                    -- counts the faults of the load from 1
    line BIGINT NOT NULL,                      -- line in the file, the headings being 1
    column_name TEXT COLLATE "C" NOT NULL,     -- empty where no one column is meant
    reason TEXT COLLATE "C" NOT NULL,          -- may quote the value: for the analyst's screen only
    fix TEXT COLLATE "C" NOT NULL,             -- what to do about it, in words
    raw TEXT COLLATE "C" NOT NULL,             -- the row as it stands in the file
    mended_by BIGINT REFERENCES load (id),     -- the load that brought the row again
    PRIMARY KEY (load, number)
);

CREATE TABLE query_row (
    load BIGINT NOT NULL REFERENCES load (id), -- the load it was part of
    number BIGINT NOT NULL,                    -- counts the queries of the load from 1
    line BIGINT NOT NULL,                      -- line in the file, the headings being 1
    column_name TEXT COLLATE "C" NOT NULL,     -- empty where no one column is meant
    rule TEXT COLLATE "C" NOT NULL,            -- what was asked, in one word
    own_key TEXT COLLATE "C" NOT NULL,         -- of the record, the same when it is sent again; SHA-256, hexadecimal
    question TEXT COLLATE "C" NOT NULL,        -- may quote the value: for the analyst's screen only
    PRIMARY KEY (load, number)
);

CREATE TABLE query_answer (
    source TEXT COLLATE "C" NOT NULL,      -- kind of source
    rule TEXT COLLATE "C" NOT NULL,        -- what was asked
    own_key TEXT COLLATE "C" NOT NULL,     -- of the record
    explanation TEXT COLLATE "C" NOT NULL, -- in the words of who gave it
    answered_at TIMESTAMP NOT NULL,        -- UTC
    answered_by TEXT COLLATE "C" NOT NULL, -- account
    PRIMARY KEY (source, rule, own_key)
);

CREATE TABLE person (
    id BIGINT NOT NULL PRIMARY KEY,        -- given here, never reused
    given_name TEXT COLLATE "C" NOT NULL,  -- of the fullest mention
    family_name TEXT COLLATE "C" NOT NULL, -- of the fullest mention
    birth_date DATE,                       -- day, where known
    sex TEXT COLLATE "C" NOT NULL,         -- female, male, not-known
    family BIGINT,                         -- the family the person belongs to, if any
    first_family BIGINT                    -- the first family the person belonged to
);
CREATE INDEX person_by_family ON person (family);

CREATE TABLE mention (
    id BIGINT NOT NULL PRIMARY KEY,            -- given here, never reused
    identity TEXT COLLATE "C" NOT NULL UNIQUE, -- fingerprint of all that a row says of who is meant, hexadecimal
    given_name TEXT COLLATE "C" NOT NULL,      -- as the source wrote it
    family_name TEXT COLLATE "C" NOT NULL,     -- as the source wrote it
    birth_date DATE,                           -- day, where given
    sex TEXT COLLATE "C",                      -- female, male, not-known
    nhs_number TEXT COLLATE "C",               -- its one spelling
    upn TEXT COLLATE "C",                      -- its one spelling
    ni_number TEXT COLLATE "C",                -- its one spelling
    case_system TEXT COLLATE "C",              -- whose id the case id is
    case_id TEXT COLLATE "C",                  -- the case system's own id
    person BIGINT,                             -- the person meant, by all that is known now
    first_person BIGINT                        -- the first person it was taken for
);
CREATE INDEX mention_by_person ON mention (person);

CREATE TABLE mention_load (
    load BIGINT NOT NULL REFERENCES load (id), -- a load that has such a row
    mention BIGINT NOT NULL,                   -- who is meant
    PRIMARY KEY (load, mention)
);

CREATE TABLE register_head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), -- one row: the numbers given so far
    last_person BIGINT NOT NULL,                    -- highest number of a person
    last_family BIGINT NOT NULL,                    -- highest number of a family
    last_line BIGINT NOT NULL,                      -- highest number of a family line
    last_mention BIGINT NOT NULL                    -- highest number of a mention
);
INSERT INTO register_head (id, last_person, last_family, last_line, last_mention) VALUES (1, 0, 0, 0, 0);

CREATE TABLE family (
    id BIGINT NOT NULL PRIMARY KEY, -- given here, never reused; without people it is a family that was
    line BIGINT NOT NULL,           -- family line, the unit of privacy
    ward TEXT COLLATE "C",          -- GSS code of the newest address, where known
    uprn TEXT COLLATE "C",          -- property reference of that address, where known
    settled_on DATE                 -- first day of the assessment that named it
);

CREATE TABLE line_merge (
    line BIGINT NOT NULL PRIMARY KEY, -- line that went up in another
    into_line BIGINT NOT NULL,        -- line that stands for both
    merged_at TIMESTAMP NOT NULL,     -- UTC
    load BIGINT                       -- the load that brought them together, if it was one
);

CREATE TABLE person_decision (
    id BIGINT NOT NULL PRIMARY KEY,       -- from 1
    act BIGINT NOT NULL,                  -- number of the decision; one may be about several pairs
    kind TEXT COLLATE "C" NOT NULL,       -- same-person, different-person, same-family, different-family
    one TEXT COLLATE "C" NOT NULL,        -- fingerprint of a mention
    other TEXT COLLATE "C" NOT NULL,      -- fingerprint of another
    reason TEXT COLLATE "C" NOT NULL,     -- in the words of who decided
    decided_at TIMESTAMP NOT NULL,        -- UTC
    decided_by TEXT COLLATE "C" NOT NULL, -- account
    revoked_at TIMESTAMP,                 -- UTC; it is as if it had not been decided
    revoked_by TEXT COLLATE "C"           -- account
);

CREATE TABLE link (
    one TEXT COLLATE "C" NOT NULL,        -- fingerprint of a mention, the smaller of the two
    other TEXT COLLATE "C" NOT NULL,      -- fingerprint of another
    weight BIGINT NOT NULL,               -- bits in thousandths, by the parameters of that day
    accepted INTEGER NOT NULL,            -- 1 at or above the upper threshold; 0 between the two
    parameters TEXT COLLATE "C" NOT NULL, -- name of the parameters
    because TEXT COLLATE "C" NOT NULL,    -- JSON: level and weight of each field that both sides know
    PRIMARY KEY (one, other)
);

CREATE TABLE weighing (
    id BIGINT NOT NULL PRIMARY KEY,       -- from 1, in the order of weighing
    parameters TEXT COLLATE "C" NOT NULL, -- what was weighed by
    last_person BIGINT NOT NULL,          -- the highest number of a person then; who has a higher one was not weighed
    weighed_at TIMESTAMP NOT NULL,        -- UTC
    weighed_by TEXT COLLATE "C" NOT NULL  -- account
);

CREATE TABLE assessment (
    load BIGINT NOT NULL REFERENCES load (id), -- the load it came with
    line BIGINT NOT NULL,                      -- line in the file
    reference TEXT COLLATE "C" NOT NULL,       -- the source's number
    child BIGINT NOT NULL,                     -- mention of the person assessed
    carer BIGINT,                              -- mention of the carer, where the row names one
    kind TEXT COLLATE "C" NOT NULL,            -- initial, review
    started DATE NOT NULL,                     -- day it was begun
    completed DATE,                            -- day it was finished, where it is
    whole_family INTEGER,                      -- 1 yes, 0 no, NULL not recorded
    plan_made DATE,                            -- day of the plan, where there is one
    key_worker TEXT COLLATE "C",               -- name of the key worker, where there is one
    key_worker_from DATE,                      -- first day of the key worker
    needs TEXT COLLATE "C" NOT NULL,           -- JSON: problem number to present or not
    address TEXT COLLATE "C",                  -- in words
    postcode TEXT COLLATE "C",                 -- as the source wrote it
    family_ref TEXT COLLATE "C",               -- the source's number of the family, where it is authoritative
    uprn TEXT COLLATE "C",                     -- property reference; a withheld address has none
    ward TEXT COLLATE "C",                     -- GSS code, where the source gives one
    referral_source TEXT COLLATE "C",          -- who asked for help, in the register's words, where the source tells it
    PRIMARY KEY (load, line)
);
CREATE INDEX assessment_by_child ON assessment (child);

CREATE TABLE session_count (
    load BIGINT NOT NULL REFERENCES load (id), -- the load it came with
    line BIGINT NOT NULL,                      -- line in the file
    pupil BIGINT NOT NULL,                     -- mention of the person at school
    term_from DATE NOT NULL,                   -- first day of the term
    term_to DATE NOT NULL,                     -- last day of the term
    possible INTEGER NOT NULL,                 -- sessions possible in the term
    code TEXT COLLATE "C" NOT NULL,            -- the source's word
    absence INTEGER NOT NULL,                  -- 0 present, 1 absent, 2 absent with leave
    sessions INTEGER NOT NULL,                 -- half days under this code
    PRIMARY KEY (load, line)
);
CREATE INDEX session_count_by_pupil ON session_count (pupil);

CREATE TABLE incident (
    load BIGINT NOT NULL REFERENCES load (id), -- the load it came with
    line BIGINT NOT NULL,                      -- line in the file
    reference TEXT COLLATE "C" NOT NULL,       -- the police's number
    person BIGINT NOT NULL,                    -- mention of who was concerned
    happened_on DATE NOT NULL,                 -- day it happened
    kind TEXT COLLATE "C" NOT NULL,            -- offence, anti-social-behaviour, domestic-abuse
    PRIMARY KEY (load, line)
);
CREATE INDEX incident_by_person ON incident (person);

CREATE TABLE spell (
    load BIGINT NOT NULL REFERENCES load (id), -- the load it came with
    line BIGINT NOT NULL,                      -- line in the file
    person BIGINT NOT NULL,                    -- mention of who has the benefit or the job
    kind TEXT COLLATE "C" NOT NULL,            -- benefit, job
    from_day DATE NOT NULL,                    -- first day
    description TEXT COLLATE "C" NOT NULL,     -- which benefit or job; empty where not given
    to_day DATE,                               -- last day; NULL where it goes on
    PRIMARY KEY (load, line)
);
CREATE INDEX spell_by_person ON spell (person);

CREATE TABLE care_spell (
    load BIGINT NOT NULL REFERENCES load (id), -- the load it came with
    line BIGINT NOT NULL,                      -- line in the file
    child BIGINT NOT NULL,                     -- mention of the person in care or need
    kind TEXT COLLATE "C" NOT NULL,            -- in-need, protection-plan, looked-after
    from_day DATE NOT NULL,                    -- first day
    to_day DATE,                               -- last day; NULL where it goes on
    PRIMARY KEY (load, line)
);
CREATE INDEX care_spell_by_child ON care_spell (child);

CREATE TABLE episode (
    load BIGINT NOT NULL REFERENCES load (id), -- the load it came with
    line BIGINT NOT NULL,                      -- line in the file
    reference TEXT COLLATE "C" NOT NULL,       -- the source's number
    child BIGINT NOT NULL,                     -- mention of the person worked with
    opened DATE NOT NULL,                      -- first day
    closed DATE,                               -- last day; NULL where it goes on
    reason TEXT COLLATE "C",                   -- why it was closed, where it is
    received_from TEXT COLLATE "C",            -- GSS code of the borough it came from
    family_ref TEXT COLLATE "C",               -- the source's number of the family, where it is authoritative
    PRIMARY KEY (load, line)
);
CREATE INDEX episode_by_child ON episode (child);

CREATE TABLE housing_spell (
    load BIGINT NOT NULL REFERENCES load (id), -- the load it came with
    line BIGINT NOT NULL,                      -- line in the file
    person BIGINT NOT NULL,                    -- mention of the tenant
    kind TEXT COLLATE "C" NOT NULL,            -- arrears, notice, eviction
    from_day DATE NOT NULL,                    -- first day
    to_day DATE,                               -- last day; NULL where it goes on
    address TEXT COLLATE "C",                  -- in words
    postcode TEXT COLLATE "C",                 -- as the source wrote it
    uprn TEXT COLLATE "C",                     -- property reference
    PRIMARY KEY (load, line)
);
CREATE INDEX housing_spell_by_person ON housing_spell (person);

CREATE TABLE circumstance (
    load BIGINT NOT NULL REFERENCES load (id), -- the load it came with
    line BIGINT NOT NULL,                      -- line in the file
    person BIGINT NOT NULL,                    -- mention of the person
    kind TEXT COLLATE "C" NOT NULL,            -- moved-away, custody, left-school, adopted, died, not-traced, traced, expecting
    asked TEXT COLLATE "C",                    -- of a person traced or not traced: the source that was asked
    from_day DATE NOT NULL,                    -- first day
    to_day DATE,                               -- last day; NULL where it goes on
    PRIMARY KEY (load, line)
);
CREATE INDEX circumstance_by_person ON circumstance (person);

CREATE TABLE standing (
    id BIGINT NOT NULL PRIMARY KEY,        -- from 1
    identity TEXT COLLATE "C" NOT NULL,    -- fingerprint of a mention of the person
    kind TEXT COLLATE "C" NOT NULL,        -- consent, withdrawal, objection, restriction, lifted
    form TEXT COLLATE "C" NOT NULL,        -- version of the form, or the reference of the letter
    on_day DATE NOT NULL,                  -- day it was given
    recorded_at TIMESTAMP NOT NULL,        -- UTC
    recorded_by TEXT COLLATE "C" NOT NULL  -- account
);

CREATE TABLE place (
    kind TEXT COLLATE "C" NOT NULL,  -- uprn, postcode
    value TEXT COLLATE "C" NOT NULL, -- its one spelling
    ward TEXT COLLATE "C" NOT NULL,  -- GSS code
    dated DATE NOT NULL,             -- date of the file it came with
    PRIMARY KEY (kind, value)
);
