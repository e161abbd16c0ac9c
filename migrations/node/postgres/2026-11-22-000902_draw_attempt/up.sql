CREATE TABLE draw_attempt (
    number   INTEGER NOT NULL PRIMARY KEY,        -- from 1, without gaps
    quarter  TEXT COLLATE "C" NOT NULL,           -- quarter to be drawn
    nonce    TEXT COLLATE "C" NOT NULL UNIQUE,    -- 32 random bytes, hexadecimal; written down before it is sent
    asked_at TIMESTAMP NOT NULL,                  -- UTC
    carried  INTEGER NOT NULL CHECK (carried IN (0, 1)), -- 1 where request and answer travel as files: the right may then be used by a later process
    used_at  TIMESTAMP                            -- UTC; when a draw began under the right given for it: never twice
);
CREATE FUNCTION check_draw_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.used_at IS NOT NULL OR NEW.number <> OLD.number OR NEW.quarter <> OLD.quarter
        OR NEW.nonce <> OLD.nonce OR NEW.asked_at <> OLD.asked_at OR NEW.carried <> OLD.carried THEN
        RAISE EXCEPTION 'a right to draw is used once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER draw_attempt_is_used_once BEFORE UPDATE ON draw_attempt
FOR EACH ROW EXECUTE FUNCTION check_draw_attempt();
CREATE TRIGGER draw_attempt_is_never_deleted BEFORE DELETE ON draw_attempt
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER draw_attempt_is_never_truncated BEFORE TRUNCATE ON draw_attempt
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
