//! How any Tandem service is run
