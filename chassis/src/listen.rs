//! Binding a port, with an error that names the port, the setting and the way out.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// A port could not be bound.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another process listens there.
    #[error("{addr} is in use by another process; end it, or choose another address with {setting}")]
    InUse {
        /// The address.
        addr: SocketAddr,
        /// The setting that chose it.
        setting: &'static str,
    },
    /// Anything else, such as an address of another machine.
    #[error("cannot listen on {addr} ({setting})")]
    Other {
        /// The address.
        addr: SocketAddr,
        /// The setting that chose it.
        setting: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

/// Binds an address that came from a setting.
///
/// # Errors
///
/// [`BindError`], which names both.
pub async fn bind(addr: SocketAddr, setting: &'static str) -> Result<TcpListener, BindError> {
    TcpListener::bind(addr)
        .await
        .map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse { addr, setting },
            _ => BindError::Other {
                addr,
                setting,
                source,
            },
        })
}
