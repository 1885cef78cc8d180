//! Which services are served, and what stands before them.

use std::sync::Arc;

use chassis::probe::{self, ProbeError};
use chassis::{
    Clock, Entropy, Health, MESSAGE_IN_LIMIT_BYTES, MESSAGE_OUT_LIMIT_BYTES, Metrics, ServeError, Server,
    postgres,
};
use proto::access_token::{Audience, Verifier, authenticate};
use proto::auth::v1::account_service_server::{self, AccountServiceServer};
use proto::auth::v1::admin_service_server::{self, AdminServiceServer};
use proto::auth::v1::auth_service_server::{self, AuthServiceServer};
use proto::auth::v1::key_service_server::{self, KeyServiceServer};
use proto::auth::v1::revocation_service_server::{self, RevocationServiceServer};
use proto::auth::v1::service_token_service_server::{self, ServiceTokenServiceServer};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::interceptor::InterceptedService;

use crate::MIGRATOR;
use crate::app::App;
use crate::config::Config;
use crate::rpc::{
    AccountServiceImpl, AdminServiceImpl, AuthServiceImpl, KeyServiceImpl, RevocationServiceImpl,
    ServiceTokenServiceImpl,
};
use crate::{housekeeping, mail, purge, revocations};

/// Full names of the services, as health knows them.
const SERVICES: [&str; 6] = [
    auth_service_server::SERVICE_NAME,
    account_service_server::SERVICE_NAME,
    admin_service_server::SERVICE_NAME,
    key_service_server::SERVICE_NAME,
    service_token_service_server::SERVICE_NAME,
    revocation_service_server::SERVICE_NAME,
];

/// Runs the service until the token fires: binds, migrates, serves, drains.
///
/// # Errors
///
/// When the port is taken, a migration is wrong or the server fails.
pub async fn run(config: Config, shutdown: CancellationToken) -> anyhow::Result<()> {
    let listener = chassis::bind(config.server.addr, config.server.addr_setting).await?;
    let metrics = Metrics::new();
    let app = App::new(&config, Clock::system(), Entropy::system(), &metrics)?;
    Ok(serve(Arc::new(app), config, metrics, listener, shutdown).await?)
}

/// Asks the service that runs on this machine with these settings whether it is ready.
///
/// # Errors
///
/// Why it is not.
pub async fn health(config: &Config) -> Result<(), ProbeError> {
    probe::check_own(&config.server, auth_service_server::SERVICE_NAME).await
}

/// Serves on a bound listener.
///
/// # Errors
///
/// When a migration is wrong or the server fails.
pub async fn serve(
    app: Arc<App>,
    config: Config,
    metrics: Metrics,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    let health = Health::new(&SERVICES);
    let clock = app.clock.clone();
    let verifier = Verifier::new(&config.keyring, Audience::Auth, move || clock.unix_seconds());
    let auth = AuthServiceServer::new(AuthServiceImpl(app.clone()))
        .max_decoding_message_size(MESSAGE_IN_LIMIT_BYTES)
        .max_encoding_message_size(MESSAGE_OUT_LIMIT_BYTES);
    let account = AccountServiceServer::new(AccountServiceImpl(app.clone()))
        .max_decoding_message_size(MESSAGE_IN_LIMIT_BYTES)
        .max_encoding_message_size(MESSAGE_OUT_LIMIT_BYTES);
    let admin = AdminServiceServer::new(AdminServiceImpl(app.clone()))
        .max_decoding_message_size(MESSAGE_IN_LIMIT_BYTES)
        .max_encoding_message_size(MESSAGE_OUT_LIMIT_BYTES);
    // Its callers have no token yet; a secret in the message is what they prove themselves by.
    let service_tokens = ServiceTokenServiceServer::new(ServiceTokenServiceImpl(app.clone()))
        .max_decoding_message_size(MESSAGE_IN_LIMIT_BYTES)
        .max_encoding_message_size(MESSAGE_OUT_LIMIT_BYTES);
    let keys = KeyServiceServer::new(KeyServiceImpl::new(&config.keyring))
        .max_decoding_message_size(MESSAGE_IN_LIMIT_BYTES)
        .max_encoding_message_size(MESSAGE_OUT_LIMIT_BYTES);
    let revocations = RevocationServiceServer::new(RevocationServiceImpl(app.clone()))
        .max_decoding_message_size(MESSAGE_IN_LIMIT_BYTES)
        .max_encoding_message_size(MESSAGE_OUT_LIMIT_BYTES);
    let known = authenticate(Arc::new(verifier));
    let pool = app.pool.clone();
    Server::new(config.server, health.clone(), metrics)
        .service(auth)
        .service(service_tokens)
        .service(keys)
        .service(InterceptedService::new(account, known.clone()))
        .service(InterceptedService::new(admin, known.clone()))
        .service(InterceptedService::new(revocations, known))
        .starting(async move { postgres::migrate_patiently(&pool, &MIGRATOR).await })
        .background(postgres::watch(app.pool.clone(), health))
        .afterwards(revocations::run(app.clone()))
        .afterwards(mail::run(app.clone()))
        .afterwards(purge::run(app.clone()))
        .afterwards(housekeeping::run(app))
        .serve(listener, shutdown)
        .await
}
