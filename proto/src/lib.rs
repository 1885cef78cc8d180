//! The contract that everybody shares: generated types and stubs, refusals, and access-token verification.
//!
//! - [`auth`], [`tasks`], [`errors`]: what the .proto files say, generated at build time;
//! - [`refusal`]: the one way to make an error that a client can act on;
//! - [`access_token`] (feature `verify`): from `authorization` header to [`access_token::Caller`].
//!
//! Nothing here does I/O but what follows auth-service in the background, and nothing here can sign a token: the signer
//! lives in auth-service.

#[cfg(feature = "verify")]
pub mod access_token;
pub mod refusal;

/// Encoded `google.protobuf.FileDescriptorSet` of all packages with comments, for server reflection and for tests that
/// walk the API.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

// The generated code names other packages by their full path, so the modules mirror the packages.
mod tandem {
    /// Accounts, sessions and tokens.
    pub mod auth {
        /// Package `tandem.auth.v1`.
        pub mod v1 {
            #![allow(missing_docs, clippy::all, unreachable_pub, reason = "generated")]
            tonic::include_proto!("tandem.auth.v1");
        }
    }
    /// The reasons of errors.
    pub mod errors {
        /// Package `tandem.errors.v1`.
        pub mod v1 {
            #![allow(missing_docs, clippy::all, unreachable_pub, reason = "generated")]
            tonic::include_proto!("tandem.errors.v1");
        }
    }
    /// Tasks.
    pub mod tasks {
        /// Package `tandem.tasks.v1`.
        pub mod v1 {
            #![allow(missing_docs, clippy::all, unreachable_pub, reason = "generated")]
            tonic::include_proto!("tandem.tasks.v1");
        }
    }
}

/// Google's common types.
pub mod google {
    /// Package `google.type`: civil dates and times.
    pub mod r#type {
        #![allow(missing_docs, clippy::all, unreachable_pub, reason = "generated")]
        tonic::include_proto!("google.r#type");
    }
}

pub use tandem::{auth, errors, tasks};

impl errors::v1::ErrorReason {
    /// The text that travels in `google.rpc.ErrorInfo.reason`: the enum name without its prefix.
    pub fn name(self) -> &'static str {
        let full = self.as_str_name();
        full.strip_prefix("ERROR_REASON_").unwrap_or(full)
    }
}
