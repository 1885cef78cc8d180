//! The change feed: pages, tokens, removals, and a client that follows it while others write.

mod copy;
mod listing;
mod tokens;
mod watching;
mod writers;
