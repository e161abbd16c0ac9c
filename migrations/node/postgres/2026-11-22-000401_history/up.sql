-- What was before Tenfold, as it arrived; and of it what holds a family's one place, written anew whenever the
-- register is put together.
CREATE TABLE history (
    load BIGINT NOT NULL REFERENCES load (id),        -- the load it came with
    line BIGINT NOT NULL,                             -- line in the file
    person BIGINT NOT NULL,                           -- mention of somebody of the family
    carer BIGINT,                                     -- mention of the carer, where the row names one
    family_ref TEXT COLLATE "C",                      -- the source's number of the family, where it is authoritative
    framework TEXT COLLATE "C" NOT NULL,              -- name of the framework it was attached under
    programme TEXT COLLATE "C" NOT NULL,              -- one result a family line in each; the framework where the source names none
    attached_on DATE NOT NULL,                        -- day it was attached
    needs TEXT COLLATE "C" NOT NULL,                  -- JSON: problem number to present or not, as the source says
    postcode TEXT COLLATE "C",                        -- as the source wrote it
    uprn TEXT COLLATE "C",                            -- property reference
    ward TEXT COLLATE "C",                            -- GSS code, where the source gives one
    reference TEXT COLLATE "C",                       -- the borough's own number of the claim; NULL in this and the next six: a row without a claim
    kind TEXT COLLATE "C" CHECK (kind IN ('progress', 'employment')), -- type of result
    claimed_on DATE,                                  -- day of the claim
    claimed_in TEXT COLLATE "C",                      -- the window in the borough's words, where the source gives one
    pence BIGINT CHECK (pence >= 0),                  -- money claimed, in pence
    state TEXT COLLATE "C" CHECK (state IN ('submitted', 'paid', 'refused', 'withdrawn')), -- what became of the claim
    sha256 TEXT COLLATE "C",                          -- of the document it rests on, hexadecimal, where the source gives one
    PRIMARY KEY (load, line),
    CHECK ((reference IS NULL) = (state IS NULL))
);
CREATE INDEX history_by_person ON history (person);

CREATE TABLE claimed_before (
    load BIGINT NOT NULL REFERENCES load (id),  -- the load that says so
    row_line BIGINT NOT NULL,                   -- line in its file
    line TEXT COLLATE "C" NOT NULL,             -- family line as it stands now
    programme TEXT COLLATE "C" NOT NULL,        -- programme of the claim
    framework TEXT COLLATE "C" NOT NULL,        -- framework it was claimed under
    PRIMARY KEY (load, row_line)
);
CREATE INDEX claimed_before_by_line ON claimed_before (line);

CREATE FUNCTION claim_is_not_one_of_before() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM claimed_before WHERE line = NEW.line AND (programme = NEW.programme OR framework = NEW.framework)) THEN
        RAISE EXCEPTION 'a claim made before Tenfold holds the family''s one result of the programme';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claim_is_not_one_of_before BEFORE INSERT ON claim
FOR EACH ROW EXECUTE FUNCTION claim_is_not_one_of_before();
