//! `tandem-postgres FOLDER [DATABASE...]`: a private Postgres in a folder until Ctrl-C, its addresses on standard
//! output. For writing checked queries, and for looking at data while `tandem` is down.

use std::io::Write as _;
use std::process::ExitCode;

use tandem_postgres::{Cluster, Error, Options};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next() else {
        let _ = writeln!(std::io::stderr(), "usage: tandem-postgres FOLDER [DATABASE...]");
        return ExitCode::from(2);
    };
    match run(folder, arguments.collect()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(folder: String, databases: Vec<String>) -> Result<(), Error> {
    let mut options = Options::new(folder);
    options.progress = Box::new(|progress| {
        let _ = writeln!(std::io::stderr(), "{progress}");
    });
    #[allow(clippy::disallowed_methods, reason = "the one setting of this program")]
    let bin_dir = std::env::var_os("TANDEM_POSTGRES_BIN");
    options.bin_dir = bin_dir.map(Into::into);
    let mut cluster = Cluster::start(options).await?;
    for database in &databases {
        cluster.create_database(database).await?;
    }
    for database in std::iter::once("postgres").chain(databases.iter().map(String::as_str)) {
        let _ = writeln!(std::io::stdout(), "{}", cluster.url(database));
    }
    let (mut interrupt, mut terminate) =
        match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
            (Ok(interrupt), Ok(terminate)) => (interrupt, terminate),
            (Err(refused), _) | (_, Err(refused)) => return Err(Error::Sql(refused.into())),
        };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = cluster.exited() => {}
    }
    cluster.stop().await
}
