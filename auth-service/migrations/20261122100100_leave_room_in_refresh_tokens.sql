-- Each row is changed once, at its first use, long after its page was filled. With room there the new version stays in
-- the page and costs no entry in either index.
ALTER TABLE refresh_tokens SET (fillfactor = 75);
