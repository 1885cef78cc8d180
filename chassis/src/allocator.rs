//! Where memory comes from, for every program that links this crate. A call makes some hundred small allocations, on
//! whichever thread is free, and most are given back on another: what mimalloc is made for and glibc is not (ADR 12).

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;
