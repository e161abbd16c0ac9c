CREATE TABLE draw_attempt (
    number   INTEGER NOT NULL PRIMARY KEY,        -- from 1, without gaps
    quarter  TEXT NOT NULL,                       -- quarter to be drawn
    nonce    TEXT NOT NULL UNIQUE,                -- 32 random bytes, hexadecimal; written down before it is sent
    asked_at TEXT NOT NULL,                       -- UTC
    carried  INTEGER NOT NULL CHECK (carried IN (0, 1)), -- 1 where request and answer travel as files: the right may then be used by a later process
    used_at  TEXT                                 -- UTC; when a draw began under the right given for it: never twice
) STRICT;
CREATE TRIGGER draw_attempt_is_used_once BEFORE UPDATE ON draw_attempt WHEN OLD.used_at IS NOT NULL
    OR NEW.number <> OLD.number OR NEW.quarter <> OLD.quarter OR NEW.nonce <> OLD.nonce OR NEW.asked_at <> OLD.asked_at OR NEW.carried <> OLD.carried
BEGIN SELECT RAISE (ABORT, 'a right to draw is used once'); END;
CREATE TRIGGER draw_attempt_is_never_deleted BEFORE DELETE ON draw_attempt
BEGIN SELECT RAISE (ABORT, 'attempts to draw are never deleted'); END;
