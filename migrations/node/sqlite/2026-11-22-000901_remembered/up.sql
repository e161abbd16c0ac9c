-- What stays of a family that was counted and then erased: keyed hashes, until the horizon ends.
CREATE TABLE remembered (
    identifier_hmac TEXT NOT NULL,                -- HMAC-SHA256 of a strong identifier of a member under the journal key, hexadecimal
    line_hmac       TEXT NOT NULL,                -- the journal's name of the line that was erased
    PRIMARY KEY (identifier_hmac, line_hmac)
) STRICT;
CREATE TRIGGER remembered_is_never_changed BEFORE UPDATE ON remembered
BEGIN SELECT RAISE (ABORT, 'what is remembered of an erased family is never changed'); END;
