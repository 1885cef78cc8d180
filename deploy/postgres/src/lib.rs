//! Runs a private Postgres: for `tandem up` and for every test
