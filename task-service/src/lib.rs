//! People's tasks: verifies tokens, never mints
