# The recipes are what CI runs. `just` alone lists them.

_default:
    @just --list

# Everything that .ci/run checks, on a machine that has the tools.
ci: fmt clippy deny proto sqlx web test measure

# Formatting.
fmt:
    cargo fmt --all --check

# Lints, as errors.
clippy:
    cargo clippy --workspace --all-targets -- -D warnings

# Licences, sources, bans and advisories of the dependency tree.
deny:
    cargo deny check

# Lint of the contract, and whether it still fits what was published.
proto:
    cd proto && ../web/node_modules/.bin/buf lint
    cd proto && ../web/node_modules/.bin/buf breaking --against published.binpb

# Publish the contract as it is now: later changes must be compatible with it.
proto-publish:
    cd proto && ../web/node_modules/.bin/buf build -o published.binpb

# Whether .sqlx fits the statements in the code.
sqlx:
    .ci/sqlx --check

# Write .sqlx anew, after a statement or a migration changed.
sqlx-prepare:
    .ci/sqlx

# The web app: types, unit tests, build.
web:
    cd web && npm ci && npm run check && npm test && npm run build

# Draw the pictures of the README anew; a system runs at TANDEM_WEB_URL.
pictures:
    cd web && TANDEM_PICTURES=1 npm run test:browser -- pictures

# All tests, the browser's included where Chromium is.
test:
    cargo test --workspace

# The tests that measure: timing, floods, revocation. Minutes, on a machine that does nothing else.
measure:
    CARGO_PROFILE_RELEASE_LTO=off cargo test --release -p auth-service -- --ignored timing::
    CARGO_PROFILE_RELEASE_LTO=off cargo test --release -p auth-service -p tandem-tests -- --ignored --skip timing:: --test-threads=1

# A short measurement against the limits of this machine.
bench:
    cargo run --release -p bench

# The fuzzers, so many seconds each. Needs nightly, cargo-fuzz and a C++ compiler.
fuzz seconds="120" *targets:
    .ci/fuzz {{seconds}} {{targets}}

# Take over into the corpus what the fuzzers found and what reaches further than the corpus does.
fuzz-keep *targets:
    .ci/fuzz --keep {{targets}}
