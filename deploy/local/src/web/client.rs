//! How the services are reached: HTTP/2, with TLS where their address says `https`.

use std::time::Duration;

use chassis::tls;
use http_body::Body;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// A pool of connections to the services.
pub(crate) type Upstream<B> = Client<HttpsConnector<HttpConnector>, B>;

/// Trusts whom [`tls::client`] trusts.
pub(crate) fn client<B>(own_pem: Option<&[u8]>) -> Upstream<B>
where
    B: Body<Data: Send> + Send,
{
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(Duration::from_secs(3)));
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls::client(own_pem))
        .https_or_http()
        .enable_http2()
        .wrap_connector(tcp);
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .http2_only(true)
        .http2_keep_alive_interval(Duration::from_secs(30))
        .http2_adaptive_window(true)
        .build(connector)
}
