//! The settings of the web origin.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use chassis::config::{ConfigError, Network, Origin, Settings};
use chassis::probe::local_url;
use http::Uri;

/// Where the web origin listens and what it stands before.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) addr: SocketAddr,
    /// The built app.
    pub(crate) root: PathBuf,
    pub(crate) auth_url: Uri,
    pub(crate) tasks_url: Uri,
    /// What the services next door show when they speak TLS.
    pub(crate) certificate: Option<Vec<u8>>,
    /// Proxies before the web origin, whose word on where a call comes from is passed on.
    pub(crate) trusted_proxies: Vec<Network>,
    /// The one origin that people are to open.
    pub(crate) public_origin: String,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self, ConfigError> {
        let mut settings = Settings::from_env();
        let config = Self::read(&mut settings);
        settings.finish(config)
    }

    pub(crate) fn read(settings: &mut Settings) -> Self {
        let addr = settings.parse_or("TANDEM_WEB_ADDR", SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)));
        let root = settings.optional("TANDEM_WEB_ROOT");
        let public_origin: Option<Origin> = settings.optional("TANDEM_PUBLIC_ORIGIN");
        Self {
            addr,
            root: root
                .or_else(find_root)
                .unwrap_or_else(|| PathBuf::from("web/dist")),
            auth_url: upstream(settings, "TANDEM_AUTH_URL", "http://127.0.0.1:50051"),
            tasks_url: upstream(settings, "TANDEM_TASKS_URL", "http://127.0.0.1:50052"),
            certificate: settings.file("TANDEM_TLS_CERT"),
            trusted_proxies: settings.list("TANDEM_TRUSTED_PROXIES"),
            public_origin: public_origin
                .map_or_else(|| local_url(addr, false), |origin| origin.as_str().to_owned()),
        }
    }
}

/// The folder of the web app's sources: here, or above the program (which `cargo` puts under `target`).
pub(crate) fn find_sources() -> Option<PathBuf> {
    let here = std::env::current_dir().ok();
    let program = std::env::current_exe().ok();
    let above = program
        .iter()
        .flat_map(|program| program.ancestors().skip(1))
        .map(Path::to_owned);
    here.into_iter()
        .chain(above)
        .map(|folder| folder.join("web"))
        .find(|web| web.join("package.json").is_file())
}

fn find_root() -> Option<PathBuf> {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|program| Some(program.parent()?.join("web")));
    let built = find_sources().map(|sources| sources.join("dist"));
    built
        .into_iter()
        .chain(beside)
        .find(|root| root.join("index.html").is_file())
}

fn upstream(settings: &mut Settings, name: &'static str, default: &'static str) -> Uri {
    let url = settings.parse_or(name, Uri::from_static(default));
    if !matches!(url.scheme_str(), Some("http" | "https")) || url.authority().is_none() {
        settings.fault(
            name,
            "is not an address that the web origin can reach; write it like http://127.0.0.1:50051",
        );
    }
    url
}
