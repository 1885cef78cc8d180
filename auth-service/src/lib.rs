//! Sign-up to sign-out, sessions, and the only place that can sign a token
