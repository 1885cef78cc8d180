//! What `tandem up` reads, what it fills in, and what each part is told. Each part checks its own settings here
//! too, so that every fault of every part is in one message before anything starts.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use auth_service::credentials::ServiceCredentials;
use chassis::config::{ConfigError, ServiceCredential, Settings as Given};
use chassis::probe::local_url;
use proto::access_token::{Algorithm, Keyring};
use tandem_postgres::Cluster;
use zeroize::Zeroizing;

use super::data::{self, DataDir, OwnCredential};
use super::{AUTH_DATABASE, TASKS_DATABASE};
use crate::web;

const AUTH_URL: &str = "TANDEM_AUTH_DATABASE_URL";
const TASKS_URL: &str = "TANDEM_TASKS_DATABASE_URL";
const KEYS: &str = "TANDEM_TOKEN_KEYS";
const CREDENTIALS: &str = ServiceCredential::SETTING;
const METRICS: &str = "TANDEM_METRICS_ADDR";
const SMTP: &str = "TANDEM_SMTP_URL";
const MAIL_DIR: &str = "TANDEM_MAIL_DIR";
const PROXIES: &str = "TANDEM_TRUSTED_PROXIES";
/// From where the web origin calls the services.
const LOOPBACK: &str = "127.0.0.0/8,::1";

/// A part's name and its variables, `None` taking one away.
pub(super) type Environment = Vec<(String, Option<String>)>;

/// The settings of the whole.
pub(crate) struct Settings {
    pub(crate) data_dir: PathBuf,
    pub(super) postgres_bin: Option<PathBuf>,
    pub(super) needs_token_keys: bool,
    /// For task-service, when the keys that were given hold a private one.
    verifier_keys: Option<Zeroizing<String>>,
    pub(super) web: web::Config,
    /// Where mails are written, when the settings name neither a mail server nor a folder.
    mail_dir: Option<PathBuf>,
    /// Given, so that no web app is built.
    pub(super) web_root: Option<PathBuf>,
    auth_addr: SocketAddr,
    tasks_addr: SocketAddr,
    metrics_addr: Option<SocketAddr>,
    /// As given; empty when it is not.
    trusted_proxies: String,
    pub(crate) needs_auth_database: bool,
    pub(crate) needs_tasks_database: bool,
    /// Those of services other than ours.
    credentials: ServiceCredentials,
    /// What the services show when they speak TLS, as a path.
    certificate: Option<String>,
}

impl Settings {
    pub(crate) fn from_env() -> anyhow::Result<Self> {
        #[allow(
            clippy::disallowed_methods,
            reason = "read once, for this process and for those it starts"
        )]
        let given = std::env::vars_os();
        let given =
            given.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self::read(given.collect())
    }

    fn read(mut given: BTreeMap<String, String>) -> anyhow::Result<Self> {
        let [needs_token_keys, needs_auth_database, needs_tasks_database] =
            [KEYS, AUTH_URL, TASKS_URL].map(|name| is_missing(&given, name));

        let mut own = Given::from_pairs(given.clone());
        let data_dir = own
            .optional("TANDEM_DATA_DIR")
            .unwrap_or_else(|| PathBuf::from(".tandem"));
        let mail_dir = [SMTP, MAIL_DIR].into_iter().all(|name| is_missing(&given, name));
        let mail_dir = mail_dir.then(|| data_dir.join("mail"));
        if let Some(folder) = &mail_dir {
            given.insert(MAIL_DIR.to_owned(), folder.display().to_string());
        }
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let certificate: Option<String> = own.optional("TANDEM_TLS_CERT");
        let tls = certificate.is_some();
        let auth_addr = own.parse_or("TANDEM_AUTH_ADDR", local(50051));
        let tasks_addr = own.parse_or("TANDEM_TASKS_ADDR", local(50052));
        // What nobody has to set, and stand-ins for what is made later, so that the parts find no fault with them.
        for (name, value) in [
            (KEYS, data::new_token_keys()),
            (AUTH_URL, "postgres://localhost".to_owned()),
            (TASKS_URL, "postgres://localhost".to_owned()),
            ("TANDEM_AUTH_URL", local_url(auth_addr, tls)),
            ("TANDEM_TASKS_URL", local_url(tasks_addr, tls)),
        ] {
            if is_missing(&given, name) {
                given.insert(name.to_owned(), value);
            }
        }
        let mut filled = Given::from_pairs(given.clone());
        let web = web::Config::read(&mut filled);
        let metrics_addr = own.optional(METRICS);
        let auth = auth_service::config::Config::read(Given::from_pairs(given.clone()));
        // The same setting is a list for auth-service and one's own credential for everybody else.
        given.remove(&format!("{CREDENTIALS}_FILE"));
        given.insert(CREDENTIALS.to_owned(), data::new_task_service_credential());
        let tasks = task_service::config::Config::read(Given::from_pairs(given));
        let credentials = auth
            .as_ref()
            .map(|auth| auth.credentials.clone())
            .unwrap_or_default();
        let keyring = auth.as_ref().ok().map(|auth| &auth.keyring);
        let verifier_keys = keyring
            .filter(|ring| ring.iter().any(|key| key.algorithm() == Algorithm::EdDsa))
            .map(Keyring::for_verifiers);
        let trusted_proxies = own.optional(PROXIES).unwrap_or_default();
        let settings = Self {
            data_dir,
            mail_dir,
            postgres_bin: own.optional("TANDEM_POSTGRES_BIN"),
            needs_token_keys,
            verifier_keys,
            web,
            web_root: own.optional("TANDEM_WEB_ROOT"),
            auth_addr,
            tasks_addr,
            metrics_addr,
            trusted_proxies,
            needs_auth_database,
            needs_tasks_database,
            credentials,
            certificate,
        };
        report(&[own.finish(()), filled.finish(()), auth.map(drop), tasks.map(drop)])?;
        Ok(settings)
    }

    pub(super) fn needs_postgres(&self) -> bool {
        self.needs_auth_database || self.needs_tasks_database
    }

    /// Where our own auth-service is reached from here.
    pub(super) fn auth_url(&self) -> String {
        local_url(self.auth_addr, self.certificate.is_some())
    }

    /// Where our own task-service is reached from here.
    pub(super) fn tasks_url(&self) -> String {
        local_url(self.tasks_addr, self.certificate.is_some())
    }

    /// Every address that will be listened on, and the setting that moves it.
    pub(super) fn listeners(&self) -> Vec<(&'static str, SocketAddr)> {
        let fixed = [
            ("TANDEM_AUTH_ADDR", self.auth_addr),
            ("TANDEM_TASKS_ADDR", self.tasks_addr),
            ("TANDEM_WEB_ADDR", self.web.addr),
        ];
        let metrics = [self.metrics_addr, self.tasks_metrics()].into_iter().flatten();
        fixed
            .into_iter()
            .chain(metrics.map(|addr| (METRICS, addr)))
            .collect()
    }

    /// Two processes cannot share one address, and there is one setting: the second takes the next port.
    fn tasks_metrics(&self) -> Option<SocketAddr> {
        self.metrics_addr
            .map(|addr| SocketAddr::new(addr.ip(), addr.port().wrapping_add(1)))
    }

    /// The services and what each is told on top of our own environment; none learns the other's database.
    pub(super) fn services(
        &self,
        cluster: Option<&Cluster>,
        keys: Option<&Path>,
        credential: &OwnCredential,
    ) -> [(&'static str, Environment); 2] {
        let own = |needed: bool, name| cluster.filter(|_| needed).map(|cluster| cluster.url(name));
        let auth_database = own(self.needs_auth_database, AUTH_DATABASE);
        let tasks_database = own(self.needs_tasks_database, TASKS_DATABASE);
        let mut common = Environment::new();
        if let Some(keys) = keys {
            set(&mut common, "TANDEM_TOKEN_KEYS_FILE", keys.display());
        }
        set(&mut common, "TANDEM_PUBLIC_ORIGIN", &self.web.public_origin);
        // Whom the web origin speaks for matters only when strangers reach it. On loopback it adds nothing, and trust
        // would let every local program call itself what it likes.
        if !self.web.addr.ip().is_loopback() {
            let given = self.trusted_proxies.as_str();
            let both = [LOOPBACK, given].join(if given.is_empty() { "" } else { "," });
            set(&mut common, PROXIES, both);
        }
        let mut auth = common.clone();
        take_away(&mut auth, TASKS_URL);
        take_away(&mut auth, CREDENTIALS);
        let declared = [&self.credentials, &credential.declared].map(ToString::to_string);
        let declared: Vec<_> = declared
            .into_iter()
            .filter(|entries| !entries.is_empty())
            .collect();
        set(&mut auth, CREDENTIALS, declared.join(","));
        set(&mut auth, "TANDEM_TASKS_URL", &self.web.tasks_url);
        auth_database
            .into_iter()
            .for_each(|url| set(&mut auth, AUTH_URL, url));
        if let Some(folder) = &self.mail_dir {
            let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
            set(&mut auth, MAIL_DIR, folder.display());
        }
        let mut tasks = common;
        if let Some(keys) = &self.verifier_keys {
            take_away(&mut tasks, KEYS);
            set(&mut tasks, KEYS, keys.as_str());
        }
        take_away(&mut tasks, SMTP);
        take_away(&mut tasks, AUTH_URL);
        take_away(&mut tasks, CREDENTIALS);
        set(
            &mut tasks,
            &format!("{CREDENTIALS}_FILE"),
            credential.file.display(),
        );
        set(&mut tasks, "TANDEM_AUTH_URL", &self.web.auth_url);
        tasks_database
            .into_iter()
            .for_each(|url| set(&mut tasks, TASKS_URL, url));
        self.tasks_metrics()
            .into_iter()
            .for_each(|addr| set(&mut tasks, METRICS, addr));
        [("auth-service", auth), ("task-service", tasks)]
    }

    /// The web origin holds no secret.
    pub(super) fn web_environment(&self, root: Option<&Path>) -> Environment {
        let mut web = Environment::new();
        for secret in [KEYS, CREDENTIALS, AUTH_URL, TASKS_URL, SMTP] {
            take_away(&mut web, secret);
        }
        set(&mut web, "TANDEM_AUTH_URL", &self.web.auth_url);
        set(&mut web, "TANDEM_TASKS_URL", &self.web.tasks_url);
        set(&mut web, "TANDEM_PUBLIC_ORIGIN", &self.web.public_origin);
        root.into_iter()
            .for_each(|root| set(&mut web, "TANDEM_WEB_ROOT", root.display()));
        web
    }

    /// What a second start on the same directory is told.
    pub(super) fn note(&self) -> String {
        format!("{}\n  process        {}", self.addresses(), std::process::id())
    }

    fn addresses(&self) -> String {
        format!(
            "  web            {}\n  auth-service   {}\n  task-service   {}",
            self.web.public_origin, self.auth_addr, self.tasks_addr
        )
    }

    /// The one screen.
    pub(super) fn screen(&self, data: &DataDir, postgres: Option<&Path>, web_app: bool) -> String {
        let transport = self
            .certificate
            .as_ref()
            .map_or_else(|| "-plaintext".to_owned(), |file| format!("-cacert '{file}'"));
        let web = if web_app {
            "open it in a browser"
        } else {
            "both APIs; no web app"
        };
        let mail = self.mail_dir.as_ref().map(|folder| {
            let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
            format!("\n  mail           {}, as .eml files", folder.display())
        });
        let mail = mail.unwrap_or_default();
        let moved = postgres.filter(|postgres| !postgres.starts_with(data.path()));
        let moved = moved.map_or_else(String::new, |at| format!("\n  database       {}", at.display()));
        format!(
            "\nTandem is running.\n\n{addresses}\n  data           {data}{moved}{mail}\n\n\
             The web address: {web}.\n\
             A first call, from another terminal:\n\n  \
             grpcurl {transport} -d '{{\"email\": \"you@example.com\", \"password\": \"correct horse battery\"}}' \\\n    \
             {auth} tandem.auth.v1.AuthService/SignUp\n\n\
             Ctrl-C stops everything; the data stays.\n",
            addresses = self.addresses(),
            data = data.path().display(),
            auth = self
                .auth_url()
                .trim_start_matches("http://")
                .trim_start_matches("https://"),
        )
    }
}

/// Whether a setting is given neither itself nor as a file.
fn is_missing(given: &BTreeMap<String, String>, name: &str) -> bool {
    let has = |name: &str| given.get(name).is_some_and(|value| !value.is_empty());
    !has(name) && !has(&format!("{name}_FILE"))
}

/// Every fault of every part, each once: the parts share settings.
fn report(parts: &[Result<(), ConfigError>]) -> anyhow::Result<()> {
    let mut faults: Vec<&str> = Vec::new();
    for fault in parts
        .iter()
        .filter_map(|part| part.as_ref().err())
        .flat_map(ConfigError::faults)
    {
        if !faults.contains(&fault.as_str()) {
            faults.push(fault);
        }
    }
    anyhow::ensure!(
        faults.is_empty(),
        "the settings are not usable:\n  - {}",
        faults.join("\n  - ")
    );
    Ok(())
}

fn set(environment: &mut Environment, name: &str, value: impl ToString) {
    environment.push((name.to_owned(), Some(value.to_string())));
}

fn take_away(environment: &mut Environment, name: &str) {
    environment.push((name.to_owned(), None));
    environment.push((format!("{name}_FILE"), None));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What task-service is told of the keys.
    fn keys_of_task_service(given: &str) -> Option<String> {
        let settings = Settings::read(BTreeMap::from([(KEYS.to_owned(), given.to_owned())])).expect("good");
        let credential = OwnCredential {
            file: PathBuf::from("credential"),
            declared: ServiceCredentials::default(),
        };
        let [(_, auth), (_, tasks)] = settings.services(None, None, &credential);
        assert!(auth.iter().all(|(name, _)| name != KEYS), "as they were given");
        let mut told = tasks.into_iter().filter(|(name, _)| name == KEYS);
        told.next_back().and_then(|(_, value)| value)
    }

    #[test]
    fn a_private_key_stays_with_auth_service() {
        let seed = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
        let told = keys_of_task_service(&format!("e1:EdDSA:{seed}")).expect("keys of its own");
        assert!(told.starts_with("e1:EdDSA-public:"), "{told}");
        assert!(!told.contains(seed));
    }

    #[test]
    fn a_shared_secret_is_shared() {
        assert_eq!(keys_of_task_service(&data::new_token_keys()), None);
    }
}
