-- What was before Tenfold, as it arrived; and of it what holds a family's one place, written anew whenever the
-- register is put together.
CREATE TABLE history (
    load INTEGER NOT NULL REFERENCES load (id),       -- the load it came with
    line INTEGER NOT NULL,                            -- line in the file
    person INTEGER NOT NULL,                          -- mention of somebody of the family
    carer INTEGER,                                    -- mention of the carer, where the row names one
    family_ref TEXT,                                  -- the source's number of the family, where it is authoritative
    framework TEXT NOT NULL,                          -- name of the framework it was attached under
    programme TEXT NOT NULL,                          -- one result a family line in each; the framework where the source names none
    attached_on TEXT NOT NULL,                        -- day it was attached
    needs TEXT NOT NULL,                              -- JSON: problem number to present or not, as the source says
    postcode TEXT,                                    -- as the source wrote it
    uprn TEXT,                                        -- property reference
    ward TEXT,                                        -- GSS code, where the source gives one
    reference TEXT,                                   -- the borough's own number of the claim; NULL in this and the next six: a row without a claim
    kind TEXT CHECK (kind IN ('progress', 'employment')), -- type of result
    claimed_on TEXT,                                  -- day of the claim
    claimed_in TEXT,                                  -- the window in the borough's words, where the source gives one
    pence INTEGER CHECK (pence >= 0),                 -- money claimed, in pence
    state TEXT CHECK (state IN ('submitted', 'paid', 'refused', 'withdrawn')), -- what became of the claim
    sha256 TEXT,                                      -- of the document it rests on, hexadecimal, where the source gives one
    PRIMARY KEY (load, line),
    CHECK ((reference IS NULL) = (state IS NULL))
) STRICT;
CREATE INDEX history_by_person ON history (person);

CREATE TABLE claimed_before (
    load INTEGER NOT NULL REFERENCES load (id),  -- the load that says so
    row_line INTEGER NOT NULL,                   -- line in its file
    line TEXT NOT NULL,                          -- family line as it stands now
    programme TEXT NOT NULL,                     -- programme of the claim
    framework TEXT NOT NULL,                     -- framework it was claimed under
    PRIMARY KEY (load, row_line)
) STRICT;
CREATE INDEX claimed_before_by_line ON claimed_before (line);

CREATE TRIGGER claim_is_not_one_of_before BEFORE INSERT ON claim WHEN EXISTS (SELECT 1 FROM claimed_before WHERE line = NEW.line AND (programme = NEW.programme OR framework = NEW.framework))
BEGIN SELECT RAISE (ABORT, 'a claim made before Tenfold holds the family''s one result of the programme'); END;
