//! Connections to other services of ours.

use std::sync::Arc;
use std::time::Duration;

use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

use crate::tls::Trust;

/// Time for a connection, and for its handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// A peer that has gone without a word is found out within this time, and as much again.
const KEEPALIVE: Duration = Duration::from_secs(10);

/// The address is not one that can be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an address to call; write http://HOST:PORT")]
pub struct AddressError(pub String);

/// Where another service is. A certificate must be one that the system's authorities vouch for, or `own_pem`, the
/// certificate of a process on this machine.
///
/// # Errors
///
/// When `url` is not one that can be called.
pub fn endpoint(url: &str, own_pem: Option<&[u8]>) -> Result<Endpoint, AddressError> {
    let wrong = || AddressError(url.to_owned());
    let endpoint = Endpoint::from_shared(url.to_owned())
        .map_err(|_| wrong())?
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(KEEPALIVE)
        .keep_alive_timeout(KEEPALIVE)
        .keep_alive_while_idle(true);
    match endpoint.uri().scheme_str() {
        Some("http") => Ok(endpoint),
        Some("https") => {
            // The connection's own time-out ends before the handshake.
            let tls = ClientTlsConfig::new().timeout(CONNECT_TIMEOUT);
            endpoint
                .tls_config_with_verifier(tls, Arc::new(Trust::new(own_pem)))
                .map_err(|_| wrong())
        }
        _ => Err(wrong()),
    }
}

/// A connection that is made at the first call, and again after every break.
///
/// # Errors
///
/// When `url` is not one that can be called.
pub fn connect_lazily(url: &str, own_pem: Option<&[u8]>) -> Result<Channel, AddressError> {
    Ok(endpoint(url, own_pem)?.connect_lazy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_called_is_named() {
        for url in ["", "somewhere", "ftp://host:1", "127.0.0.1:50051"] {
            assert_eq!(endpoint(url, None).unwrap_err(), AddressError(url.to_owned()));
        }
        assert!(endpoint("http://127.0.0.1:50051", None).is_ok());
        assert!(endpoint("https://auth.example.org", None).is_ok());
    }
}
