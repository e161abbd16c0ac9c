CREATE TABLE signing_key (
    public_key TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- Ed25519, base64url; kept for ever, so that what it signed verifies for ever
    account    TEXT COLLATE "C" NOT NULL REFERENCES account (name), -- whose it is
    origin     TEXT COLLATE "C" NOT NULL CHECK (origin IN ('given', 'own')), -- made under a password that an administrator set, or the person's own
    made_at    TIMESTAMP NOT NULL,                -- UTC; it signs nothing before
    retired_at TIMESTAMP,                         -- UTC; it signs nothing after
    salt       TEXT COLLATE "C",                  -- of the key derivation, hexadecimal; none once retired
    sealed     TEXT COLLATE "C"                   -- nonce and sealed private key, XChaCha20-Poly1305, hexadecimal; none once retired
);
CREATE UNIQUE INDEX one_signing_key_in_force ON signing_key (account) WHERE retired_at IS NULL;
CREATE FUNCTION check_signing_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.public_key <> OLD.public_key OR NEW.account <> OLD.account OR NEW.origin <> OLD.origin
        OR NEW.made_at <> OLD.made_at OR OLD.retired_at IS NOT NULL
    THEN
        RAISE EXCEPTION 'a signing key is sealed anew or retired, and never changed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signing_key_is_only_sealed_anew_or_retired BEFORE UPDATE ON signing_key
FOR EACH ROW EXECUTE FUNCTION check_signing_key();
CREATE TRIGGER signing_key_is_never_deleted BEFORE DELETE ON signing_key
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signing_key_is_never_truncated BEFORE TRUNCATE ON signing_key
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
