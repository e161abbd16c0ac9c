CREATE TABLE signing_key (
    public_key TEXT NOT NULL PRIMARY KEY,         -- Ed25519, base64url; kept for ever, so that what it signed verifies for ever
    account    TEXT NOT NULL REFERENCES account (name), -- whose it is
    origin     TEXT NOT NULL CHECK (origin IN ('given', 'own')), -- made under a password that an administrator set, or the person's own
    made_at    TEXT NOT NULL,                     -- UTC; it signs nothing before
    retired_at TEXT,                              -- UTC; it signs nothing after
    salt       TEXT,                              -- of the key derivation, hexadecimal; none once retired
    sealed     TEXT                               -- nonce and sealed private key, XChaCha20-Poly1305, hexadecimal; none once retired
) STRICT;
CREATE UNIQUE INDEX one_signing_key_in_force ON signing_key (account) WHERE retired_at IS NULL;
CREATE TRIGGER signing_key_is_only_sealed_anew_or_retired BEFORE UPDATE ON signing_key
WHEN NEW.public_key <> OLD.public_key OR NEW.account <> OLD.account OR NEW.origin <> OLD.origin
    OR NEW.made_at <> OLD.made_at OR OLD.retired_at IS NOT NULL
BEGIN SELECT RAISE (ABORT, 'a signing key is sealed anew or retired, and never changed'); END;
CREATE TRIGGER signing_key_is_never_deleted BEFORE DELETE ON signing_key
BEGIN SELECT RAISE (ABORT, 'signing keys are never deleted'); END;
