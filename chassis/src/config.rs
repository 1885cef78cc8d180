//! Settings from the environment: typed, read once, every fault reported together and none with a secret in it.
//! Only this module may read the environment. What a single service needs is declared there, through [`Settings`].

mod database;
mod network;
mod origin;
mod secret;
mod server;
mod service_credential;
mod settings;

pub use database::DatabaseConfig;
pub use network::{Network, NetworkError};
pub use origin::{Origin, OriginError};
pub use secret::Secret;
pub use server::{ServerConfig, TlsFiles};
pub use service_credential::ServiceCredential;
pub use settings::{ConfigError, Declared, Settings};
