-- What stays of a family that was counted and then erased: keyed hashes, until the horizon ends.
CREATE TABLE remembered (
    identifier_hmac TEXT COLLATE "C" NOT NULL,    -- HMAC-SHA256 of a strong identifier of a member under the journal key, hexadecimal
    line_hmac       TEXT COLLATE "C" NOT NULL,    -- the journal's name of the line that was erased
    PRIMARY KEY (identifier_hmac, line_hmac)
);
CREATE TRIGGER remembered_is_never_changed BEFORE UPDATE ON remembered
FOR EACH ROW EXECUTE FUNCTION refuse_change();
