//! End-to-end tests of the whole: both services, browser, foreign clients, faults
