//! Asks a process for its health, as container engines and load balancers do: `SERVICE health`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::config::ServerConfig;
use crate::peer::{self, AddressError};

/// Below the usual time-out of a container's health check, so that the reason gets out.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Why a process is not taken for healthy.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The address is not a URL that can be called.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Nobody answers.
    #[error("nobody answers at {0}")]
    Unreachable(String, #[source] tonic::transport::Error),
    /// The health service refused, mostly because it does not know the name.
    #[error("the health service says: {0}")]
    Refused(String),
    /// It answered, and it is not serving.
    #[error("not serving")]
    NotServing,
}

/// Where a server that listens on `addr` is reached from its own machine.
pub fn local_url(addr: SocketAddr, tls: bool) -> String {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let scheme = if tls { "https" } else { "http" };
    format!("{scheme}://{}", SocketAddr::new(ip, addr.port()))
}

/// Succeeds when the server that runs on this machine with these settings serves the service. It is known by its
/// certificate, whatever name that was made for.
///
/// # Errors
///
/// [`ProbeError`] says what is wrong.
pub async fn check_own(server: &ServerConfig, service: &str) -> Result<(), ProbeError> {
    let url = local_url(server.addr, server.tls.is_some());
    let certificate = server.tls.as_ref().map(|tls| tls.cert_pem.as_slice());
    check_trusting(&url, certificate, service).await
}

/// Succeeds when the service is serving; the empty name asks for liveness. A certificate must be one that the system's
/// authorities vouch for.
///
/// # Errors
///
/// [`ProbeError`] says what is wrong.
pub async fn check(url: &str, service: &str) -> Result<(), ProbeError> {
    check_trusting(url, None, service).await
}

/// As [`check`], and takes the server that shows the first certificate in `own_pem` too, whatever name that was made for.
///
/// # Errors
///
/// [`ProbeError`] says what is wrong.
pub async fn check_trusting(url: &str, own_pem: Option<&[u8]>, service: &str) -> Result<(), ProbeError> {
    let endpoint = peer::endpoint(url, own_pem)?.timeout(TIMEOUT);
    let channel = endpoint
        .connect()
        .await
        .map_err(|error| ProbeError::Unreachable(url.to_owned(), error))?;
    let request = HealthCheckRequest {
        service: service.to_owned(),
    };
    let answer = HealthClient::new(channel)
        .check(request)
        .await
        .map_err(|status| ProbeError::Refused(status.message().to_owned()))?;
    match answer.into_inner().status() {
        ServingStatus::Serving => Ok(()),
        _ => Err(ProbeError::NotServing),
    }
}
