CREATE TABLE allowance (
    holder TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- GSS code; SHA-256 of a certificate that is not enrolled
    calls  INTEGER NOT NULL,                      -- calls that may still be made at `since`
    since  TIMESTAMP NOT NULL                     -- UTC; allowances earned later are not counted in yet
);
