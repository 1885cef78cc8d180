//! Serving and ending. The order of the end matters: not ready, time for load balancers to look away, streams told to
//! end, no more connections, a bounded wait for what is left.

use std::net::SocketAddr;

use futures_util::TryStreamExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tonic::service::Routes;
use tonic::transport::Error;

use super::coalescing::Coalescing;
use super::{ServeError, Server, StartError, Work, limits};
use crate::config::ServerConfig;
use crate::methods::Methods;
use crate::{Draining, Health, Metrics, layers, metrics};

type Transport = AbortOnDropHandle<Result<(), Error>>;

impl Server {
    /// Serves on a bound listener until the token fires, then drains. Comes back within the drain's delay and time-out
    /// although peers keep sockets or streams open.
    ///
    /// # Errors
    ///
    /// When the server could not start or ended by itself.
    pub async fn serve(
        mut self,
        listener: TcpListener,
        shutdown: CancellationToken,
    ) -> Result<(), ServeError> {
        // Dropped at every way out, which ends the work beside the calls.
        let mut beside = JoinSet::new();
        for work in std::mem::take(&mut self.background) {
            beside.spawn(work);
        }
        serve_metrics(self.config.metrics_addr, &self.metrics, &mut beside).await?;

        let (starting, afterwards) = (self.starting.take(), std::mem::take(&mut self.afterwards));
        let (config, health) = (self.config.clone(), self.health.clone());
        let (draining, stop) = (Draining::default(), CancellationToken::new());
        let local = listener.local_addr().ok();
        let mut transport = self.spawn(listener, &draining, stop.clone())?;
        tracing::info!(
            addr = local.map(tracing::field::display),
            tls = config.tls.is_some(),
            "listening"
        );

        let outcome = tokio::select! {
            ended = &mut transport => return Err(ended_by_itself(ended)),
            outcome = start_then_wait(starting, afterwards, &mut beside, &health, &shutdown) => outcome,
        };
        health.draining().await;
        if outcome.is_ok() {
            tracing::info!(drain.delay_ms = config.drain_delay.as_millis() as u64, "draining");
            sleep(config.drain_delay).await;
        }
        draining.begin();
        health.close().await;
        stop.cancel();
        wait_for_the_last(transport, &config).await;
        outcome
    }

    fn spawn(
        self,
        listener: TcpListener,
        draining: &Draining,
        stop: CancellationToken,
    ) -> Result<Transport, ServeError> {
        let mut served = self.served;
        served.push("grpc.health.v1.Health");
        let mut routes = self.routes;
        routes.add_service(self.health.server());
        if self.config.reflection {
            add_reflection(&mut routes, &self.descriptors, &served);
            served.extend([
                "grpc.reflection.v1.ServerReflection",
                "grpc.reflection.v1alpha.ServerReflection",
            ]);
        }
        let mut descriptors = self.descriptors;
        descriptors.push(tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET);
        descriptors.push(tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET);
        let methods = Methods::read(&descriptors, &served);
        let stack = layers::stack(&self.config, methods, &self.health, &self.metrics, draining);
        let transport = limits::transport(&self.config)
            .map_err(ServeError::Tls)?
            .layer(stack)
            .serve_with_incoming_shutdown::<Routes, _, _, _, _, _>(
                routes.routes().prepare(),
                limits::incoming(listener).map_ok(Coalescing::new),
                stop.cancelled_owned(),
            );
        Ok(AbortOnDropHandle::new(tokio::spawn(transport)))
    }
}

async fn serve_metrics(
    addr: Option<SocketAddr>,
    metrics: &Metrics,
    beside: &mut JoinSet<()>,
) -> Result<(), ServeError> {
    let Some(addr) = addr else {
        return Ok(());
    };
    let listener = crate::bind(addr, "TANDEM_METRICS_ADDR").await?;
    let page = metrics::serve(metrics.clone(), listener, CancellationToken::new());
    beside.spawn(async move {
        if let Err(error) = page.await {
            tracing::error!(%error, "the metrics listener failed");
        }
    });
    Ok(())
}

fn add_reflection(
    routes: &mut tonic::service::RoutesBuilder,
    descriptors: &[&'static [u8]],
    served: &[&str],
) {
    let configured = || {
        let builder = descriptors
            .iter()
            .fold(tonic_reflection::server::Builder::configure(), |builder, set| {
                builder.register_encoded_file_descriptor_set(set)
            });
        served
            .iter()
            .fold(builder, |builder, name| builder.with_service_name(*name))
    };
    const WHY: &str = "descriptor sets are made at build time";
    routes.add_service(configured().build_v1().expect(WHY));
    routes.add_service(configured().build_v1alpha().expect(WHY));
}

/// Comes back when the shutdown was asked for, or at once when the start or work beside the calls failed.
async fn start_then_wait(
    starting: Option<Work<Result<(), StartError>>>,
    afterwards: Vec<Work<()>>,
    beside: &mut JoinSet<()>,
    health: &Health,
    shutdown: &CancellationToken,
) -> Result<(), ServeError> {
    if let Some(starting) = starting {
        tokio::select! {
            started = starting => started.map_err(ServeError::Start)?,
            () = shutdown.cancelled() => return Ok(()),
        }
    }
    for work in afterwards {
        beside.spawn(work);
    }
    health.ready().await;
    tracing::info!("ready");
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            // A service that has lost a part of itself without a word is worse than one that starts anew.
            Some(ended) = beside.join_next() => ended.map_err(ServeError::Beside)?,
        }
    }
}

async fn wait_for_the_last(mut transport: Transport, config: &ServerConfig) {
    match timeout(config.drain_timeout, &mut transport).await {
        Ok(_) => tracing::info!("drained"),
        Err(_) => {
            transport.abort();
            tracing::warn!("some calls had not ended in time and are cut off");
        }
    }
}

fn ended_by_itself(ended: Result<Result<(), Error>, tokio::task::JoinError>) -> ServeError {
    match ended {
        Ok(Err(error)) => ServeError::Transport(error),
        Ok(Ok(())) => ServeError::Start("the listener was closed".into()),
        Err(error) => ServeError::Start(error.into()),
    }
}
