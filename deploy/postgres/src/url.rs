//! Connection addresses over a unix socket. Names go in as they are and come out escaped.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// The role every cluster of ours is made with.
pub(crate) const ROLE: &str = "tandem";
/// Names the socket file where nothing listens on a port. Spelled out, so that PGPORT cannot change it.
pub(crate) const PORT: u16 = 5432;

/// The address of `database` on the server whose socket, named by `port`, is in `run`.
pub(crate) fn socket(run: &Path, port: u16, database: &str) -> String {
    let (database, run) = (escape(database.as_bytes()), escape(run.as_os_str().as_bytes()));
    format!("postgres://{ROLE}@localhost:{port}/{database}?host={run}&sslmode=disable")
}

/// The address of `database` on a TCP port of this machine.
pub(crate) fn tcp(address: std::net::SocketAddr, database: &str) -> String {
    format!(
        "postgres://{ROLE}@{address}/{}?sslmode=disable",
        escape(database.as_bytes())
    )
}

fn escape(text: &[u8]) -> String {
    let mut escaped = String::new();
    for &byte in text {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "%{byte:02X}");
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use sqlx::postgres::PgConnectOptions;

    #[test]
    fn odd_characters_in_a_path_reach_the_driver_unchanged() {
        let odd = std::path::Path::new("/home/a b/100% [x]&y=1#ü");
        let options: PgConnectOptions = super::socket(odd, super::PORT, "tandem_auth").parse().unwrap();
        assert_eq!(options.get_socket().map(std::path::PathBuf::as_path), Some(odd));
        assert_eq!(options.get_database(), Some("tandem_auth"));
    }
}
