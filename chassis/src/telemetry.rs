//! Logs: readable on a terminal, one JSON object a line otherwise. Emails, tokens and titles are never logged; fields
//! are dotted.

mod span_fields;

use std::io::IsTerminal as _;
use std::panic::PanicHookInfo;

use tracing_subscriber::EnvFilter;

use crate::config::Settings;
use span_fields::SpanFields;

const DEFAULT_FILTER: &str = "info";

/// Sets up logging for the whole process, to standard error. `TANDEM_LOG`, else `RUST_LOG`, chooses what is shown. A
/// second call does nothing.
pub fn init(service_name: &str) {
    let mut settings = Settings::from_env();
    let wanted: Option<String> = settings.optional("TANDEM_LOG");
    let wanted = wanted.or_else(|| settings.optional("RUST_LOG"));
    let filter = wanted.as_deref().unwrap_or(DEFAULT_FILTER);
    let (filter, unreadable) = match EnvFilter::try_new(filter) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new(DEFAULT_FILTER), Some(error)),
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let set = if std::io::stderr().is_terminal() {
        builder.with_target(false).try_init()
    } else {
        builder
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .fmt_fields(SpanFields)
            .try_init()
    };
    if set.is_err() {
        return;
    }
    std::panic::set_hook(Box::new(log_panic));
    if let Some(error) = unreadable {
        tracing::warn!(%error, "the log filter is not readable, using {DEFAULT_FILTER:?}");
    }
    tracing::info!(
        service.name = service_name,
        service.version = env!("CARGO_PKG_VERSION"),
        "starting"
    );
}

/// Runs where the panic happens, inside the span of its call, so that the one line has the request id.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string).unwrap_or_default();
    let message = panic.payload_as_str().unwrap_or("a panic without a text");
    tracing::error!(panic.location = location, panic.message = message, "panicked");
}
