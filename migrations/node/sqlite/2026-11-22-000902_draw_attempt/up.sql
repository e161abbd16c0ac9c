CREATE TABLE draw_attempt (
    number   INTEGER NOT NULL PRIMARY KEY,        -- from 1, without gaps
    quarter  TEXT NOT NULL,                       -- quarter to be drawn
    nonce_sha256 TEXT NOT NULL UNIQUE,            -- of 32 random bytes in hexadecimal, that the region is asked with
    nonce    TEXT,                                -- those bytes; nothing while only the process that asked knows them, so that no copy can show that it does
    asked_at TEXT NOT NULL,                       -- UTC
    carried  INTEGER NOT NULL CHECK (carried IN (0, 1)), -- 1 where request and answer travel as files: the right may then be used by a later process
    used_at  TEXT                                 -- UTC; when a draw began under the right given for it: never twice
) STRICT;
CREATE TRIGGER draw_attempt_is_used_once BEFORE UPDATE ON draw_attempt WHEN OLD.used_at IS NOT NULL AND NEW.used_at IS NOT OLD.used_at
    OR OLD.nonce IS NOT NULL AND NEW.nonce IS NOT OLD.nonce
    OR NEW.number <> OLD.number OR NEW.quarter <> OLD.quarter OR NEW.nonce_sha256 <> OLD.nonce_sha256
    OR NEW.asked_at <> OLD.asked_at OR NEW.carried <> OLD.carried
BEGIN SELECT RAISE (ABORT, 'a right to draw is used once'); END;
CREATE TRIGGER draw_attempt_is_never_deleted BEFORE DELETE ON draw_attempt
BEGIN SELECT RAISE (ABORT, 'attempts to draw are never deleted'); END;
