-- People come from other systems with the hashes that those made; each is replaced at its person's next sign-in.
ALTER TABLE users DROP CONSTRAINT users_password_hash_argon2id;
ALTER TABLE users ADD CONSTRAINT users_password_hash_known CHECK (
    password_hash ~ '^\$(argon2(id|i|d)|scrypt|pbkdf2-sha(256|512)|2[aby])\$'
    OR password_hash ~ '^[0-9A-Fa-f]{16,64}:[0-9A-Fa-f]{128}$'
) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT users_password_hash_known;
ALTER TABLE users ADD CONSTRAINT users_password_hash_size CHECK (octet_length(password_hash) <= 400) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT users_password_hash_size;

COMMENT ON COLUMN users.password_hash IS 'Argon2id in PHC form, with its own parameters and salt; or a hash from another system, until the next sign-in.';
