//! The contract: .proto files, generated types, refusals and access-token verification
