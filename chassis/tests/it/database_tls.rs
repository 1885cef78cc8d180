//! `sslmode=verify-full`, as a managed Postgres is reached: the certificate must be good and name the host.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;

use chassis::config::DatabaseConfig;
use chassis::postgres;
use sqlx::{Connection as _, PgConnection};
use tandem_postgres::{Cluster, Options};
use tempfile::TempDir;

use crate::certificates::{Authority, Issued};

/// Whoever comes over TCP comes with TLS.
const HBA: &str = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";

/// A Postgres on a port of this machine that speaks TLS, and a folder for what its clients trust.
struct Secured {
    cluster: Cluster,
    addr: SocketAddr,
    folder: TempDir,
}

impl Secured {
    async fn start(issued: &Issued) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("tandem-")
            .tempdir_in("/tmp")
            .unwrap();
        // The user that runs the server must get there too.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let options = || Options::new(folder.path().join("postgres"));
        let cluster = Cluster::start(options()).await.unwrap();
        let data = cluster.data_dir();
        cluster.stop().await.unwrap();
        put(&data, "server.crt", &issued.cert);
        put(&data, "server.key", &issued.key);
        put(&data, "pg_hba.conf", HBA);

        let addr = free_addr();
        let cluster = Cluster::start(Options {
            listen: Some(addr),
            settings: vec![("ssl".to_owned(), "on".to_owned())],
            ..options()
        });
        Self {
            cluster: cluster.await.unwrap(),
            addr,
            folder,
        }
    }

    /// Whether the connection is encrypted, for a service that is told to reach `host` and to trust `authority`.
    async fn encrypted(&self, host: &str, authority: &Authority) -> Result<bool, sqlx::Error> {
        let root = self.folder.path().join("root.pem");
        std::fs::write(&root, authority.pem()).unwrap();
        let url = format!(
            "postgres://tandem@{host}:{}/postgres?sslmode=verify-full&sslrootcert={}",
            self.addr.port(),
            root.display()
        );
        let pool = postgres::connect(&DatabaseConfig::from_url(&url).unwrap(), "chassis-test");
        let mut connection = PgConnection::connect_with(&pool.connect_options()).await?;
        let question = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        sqlx::query_scalar(question).fetch_one(&mut connection).await
    }
}

/// A file that Postgres takes for its own: of its user, and closed to everybody else.
fn put(data: &Path, name: &str, text: &str) {
    let (file, owner) = (data.join(name), std::fs::metadata(data).unwrap());
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    chown(&file, Some(owner.uid()), Some(owner.gid())).unwrap();
}

fn free_addr() -> SocketAddr {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

#[track_caller]
fn assert_refused(outcome: &Result<bool, sqlx::Error>, why: &str) {
    let error = outcome.as_ref().expect_err("it is not the server that was meant");
    assert!(
        matches!(error, sqlx::Error::Tls(_) | sqlx::Error::Io(_)),
        "{error:?}"
    );
    assert!(format!("{error:?}").contains(why), "{error:?}");
}

#[tokio::test]
async fn verify_full_takes_the_named_host_with_a_certificate_of_its_authority_and_no_other() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let server = Secured::start(&authority.issue("localhost")).await;
    assert!(server.encrypted("localhost", &authority).await.unwrap());
    // The stranger has the same name, so the signature tells.
    assert_refused(&server.encrypted("localhost", &stranger).await, "BadSignature");
    assert_refused(
        &server.encrypted("127.0.0.1", &authority).await,
        "NotValidForName",
    );
    server.cluster.stop().await.unwrap();
}
