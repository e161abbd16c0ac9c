ALTER TABLE release_key ADD COLUMN given_up_at TEXT;  -- UTC; when the region said that the new key is lost, so that the key before goes on
