//! The load generator and the limits it compares with
