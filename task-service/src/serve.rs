//! Which services are served, and what stands before them.

use std::future::ready;
use std::sync::Arc;

use chassis::probe::{self, ProbeError};
use chassis::{
    Clock, Entropy, Health, MESSAGE_IN_LIMIT_BYTES, MESSAGE_OUT_LIMIT_BYTES, Metrics, ServeError, Server,
    StartError, postgres,
};
use futures_util::future::Either;
use proto::access_token::{Audience, Verifier, authenticate};
use proto::tasks::v1::change_service_server::{self, ChangeServiceServer};
use proto::tasks::v1::label_service_server::{self, LabelServiceServer};
use proto::tasks::v1::list_service_server::{self, ListServiceServer};
use proto::tasks::v1::owner_service_server::{self, OwnerServiceServer};
use proto::tasks::v1::task_service_server::{self, TaskServiceServer};
use proto::tasks::v1::transfer_service_server::{self, TransferServiceServer};
use proto::tasks::v1::usage_service_server::{self, UsageServiceServer};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::interceptor::InterceptedService;

use crate::app::App;
use crate::config::Config;
use crate::domain::transfer::FILE_LIMIT_BYTES;
use crate::rates::{Rated, Rates};
use crate::rpc::{
    ChangeServiceImpl, LabelServiceImpl, ListServiceImpl, OwnerServiceImpl, TaskServiceImpl,
    TransferServiceImpl, UsageServiceImpl,
};
use crate::{MIGRATOR, feed_epoch, housekeeping, store, wakeups};

/// Largest message of the service that takes batches: above what a batch may have, so that one somewhat too large is told so.
const BATCH_IN_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// Full names of the services, as health knows them.
pub const SERVICES: [&str; 7] = [
    task_service_server::SERVICE_NAME,
    list_service_server::SERVICE_NAME,
    label_service_server::SERVICE_NAME,
    change_service_server::SERVICE_NAME,
    usage_service_server::SERVICE_NAME,
    owner_service_server::SERVICE_NAME,
    transfer_service_server::SERVICE_NAME,
];

/// A file, and room for the fields beside it.
const FILE_IN_LIMIT_BYTES: usize = FILE_LIMIT_BYTES + 64 * 1024;

/// Runs the service until the token fires: binds, migrates, serves, drains.
///
/// # Errors
///
/// When the port is taken, a migration is wrong, row-level security does not hold or the server fails.
pub async fn run(config: Config, shutdown: CancellationToken) -> anyhow::Result<()> {
    let listener = chassis::bind(config.server.addr, config.server.addr_setting).await?;
    let metrics = Metrics::new();
    let app = App::new(&config, Clock::system(), Entropy::system(), &metrics);
    Ok(serve(Arc::new(app), config, metrics, listener, shutdown).await?)
}

/// Asks the service that runs on this machine with these settings whether it is ready.
///
/// # Errors
///
/// Why it is not.
pub async fn health(config: &Config) -> Result<(), ProbeError> {
    probe::check_own(&config.server, task_service_server::SERVICE_NAME).await
}

/// Serves on a bound listener.
///
/// # Errors
///
/// When a migration is wrong, row-level security does not hold or the server fails.
pub async fn serve(
    app: Arc<App>,
    config: Config,
    metrics: Metrics,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    let health = Health::new(&SERVICES);
    let clock = app.clock.clone();
    let verifier = Verifier::new(&config.keyring, Audience::Tasks, move || clock.unix_seconds());
    let tasks = TaskServiceServer::new(TaskServiceImpl(app.clone()))
        .max_decoding_message_size(BATCH_IN_LIMIT_BYTES)
        .max_encoding_message_size(MESSAGE_OUT_LIMIT_BYTES);
    let lists = ListServiceServer::new(ListServiceImpl(app.clone()))
        .max_decoding_message_size(MESSAGE_IN_LIMIT_BYTES)
        .max_encoding_message_size(MESSAGE_OUT_LIMIT_BYTES);
    let labels = LabelServiceServer::new(LabelServiceImpl(app.clone()))
        .max_decoding_message_size(MESSAGE_IN_LIMIT_BYTES)
        .max_encoding_message_size(MESSAGE_OUT_LIMIT_BYTES);
    let usage = UsageServiceServer::new(UsageServiceImpl(app.clone()))
        .max_decoding_message_size(MESSAGE_IN_LIMIT_BYTES)
        .max_encoding_message_size(MESSAGE_OUT_LIMIT_BYTES);
    let owners = OwnerServiceServer::new(OwnerServiceImpl(app.clone()))
        .max_decoding_message_size(MESSAGE_IN_LIMIT_BYTES)
        .max_encoding_message_size(MESSAGE_OUT_LIMIT_BYTES);
    let transfers = TransferServiceServer::new(TransferServiceImpl(app.clone()))
        .max_decoding_message_size(FILE_IN_LIMIT_BYTES)
        .max_encoding_message_size(MESSAGE_OUT_LIMIT_BYTES);
    let own_pem = config.server.tls.as_ref().map(|tls| tls.cert_pem.clone());
    let (revocations, following) = match config.revocations {
        Some(revocations) => {
            let followed = revocations.follow(own_pem.as_deref(), app.clock.clone(), &metrics);
            let (set, work) = followed.map_err(|error| ServeError::Start(error.into()))?;
            (Some(set), Either::Left(work))
        }
        None => {
            tracing::warn!(
                "TANDEM_AUTH_URL is not set: sessions that end early are not heard of, their tokens work until they expire"
            );
            (None, Either::Right(ready(())))
        }
    };
    let callers = authenticate(Arc::new(verifier)).against(revocations.clone());
    let changes = ChangeServiceServer::new(ChangeServiceImpl {
        app: app.clone(),
        callers: callers.clone(),
    })
    .max_decoding_message_size(MESSAGE_IN_LIMIT_BYTES)
    .max_encoding_message_size(MESSAGE_OUT_LIMIT_BYTES);
    // Before every service, so that no method can forget it.
    let known = Rated {
        who: callers,
        rates: Rates::new(&app.limits, app.clock.clone()),
    };
    let starting = app.clone();
    Server::new(config.server, health.clone(), metrics)
        .service(InterceptedService::new(tasks, known.clone()))
        .service(InterceptedService::new(lists, known.clone()))
        .service(InterceptedService::new(changes, known.clone()))
        .service(InterceptedService::new(usage, known.clone()))
        .service(InterceptedService::new(labels, known.clone()))
        .service(InterceptedService::new(transfers, known.clone()))
        .service(InterceptedService::new(owners, known))
        .starting(async move {
            postgres::migrate_patiently(starting.pool.connections(), &MIGRATOR).await?;
            store::check_walls(starting.pool.connections()).await?;
            feed_epoch::keep(&starting.pool, &starting.clock, &starting.entropy).await?;
            if let Some(revocations) = revocations {
                revocations.loaded().await;
            }
            Ok::<_, StartError>(())
        })
        .background(postgres::watch(app.pool.connections().clone(), health))
        .background(following)
        .afterwards(wakeups::run(app.clone()))
        .afterwards(housekeeping::run(app))
        .serve(listener, shutdown)
        .await
}
