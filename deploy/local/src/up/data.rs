//! The data directory: who has it, the secrets made on first start, and where Postgres lives.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use auth_service::credentials::ServiceCredentials;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use tandem_postgres::Lock;

use super::settings::Settings;

/// What task-service may ask of auth-service.
const TASK_SERVICE_SCOPE: &str = "revocations.read";

/// The directory, held for as long as this value lives.
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: Lock,
}

impl DataDir {
    /// Makes the directory when there is none, and takes it, or says who has it.
    pub(crate) fn take(settings: &Settings) -> anyhow::Result<Self> {
        let path = std::path::absolute(&settings.data_dir)?;
        fs::create_dir_all(&path).with_context(|| format!("making {} (TANDEM_DATA_DIR)", path.display()))?;
        let lock = Lock::take(&path.join("lock"), &settings.note())
            .with_context(|| format!("writing in {} (TANDEM_DATA_DIR)", path.display()))?;
        match lock {
            Ok(lock) => Ok(Self { path, _lock: lock }),
            Err(held) => bail!(
                "Tandem is running already on {}\n{held}\nUse that one, or set TANDEM_DATA_DIR and the addresses to run another.",
                path.display()
            ),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn postgres(&self) -> PathBuf {
        postgres_in(&self.path)
    }

    /// task-service's credential at auth-service, made on first use.
    pub(super) fn task_service_credential(&self) -> anyhow::Result<OwnCredential> {
        let file = self.path.join("secrets/task_service_credential");
        let made = make_secret(&file, new_task_service_credential);
        made.with_context(|| format!("making {}", file.display()))?;
        let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        let declared = ServiceCredentials::parse(&format!("{}:{TASK_SERVICE_SCOPE}", text.trim_end()));
        let declared = declared.map_err(|faults| {
            let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
            anyhow!(
                "{}: {}; delete the file and another is made",
                file.display(),
                faults.join(", ")
            )
        })?;
        Ok(OwnCredential { file, declared })
    }

    /// The file with the token keys, made on first use; none when the settings bring keys.
    pub(super) fn token_keys(&self, settings: &Settings) -> anyhow::Result<Option<PathBuf>> {
        if !settings.needs_token_keys {
            return Ok(None);
        }
        let file = self.path.join("secrets/token_keys");
        let made = make_secret(&file, new_token_keys);
        made.with_context(|| format!("making {}", file.display()))?;
        Ok(Some(file))
    }
}

/// Where the Postgres of a data directory is asked to live.
pub(crate) fn postgres_in(data_dir: &Path) -> PathBuf {
    data_dir.join("postgres")
}

/// What task-service proves itself with, as the two sides have it.
pub(super) struct OwnCredential {
    /// The file that task-service reads.
    pub(super) file: PathBuf,
    /// What auth-service is told, which is not the secret.
    pub(super) declared: ServiceCredentials,
}

/// `name:secret`, as task-service's `TANDEM_SERVICE_CREDENTIALS` has it.
pub(super) fn new_task_service_credential() -> String {
    let secret: [u8; 32] = chassis::Entropy::system().bytes();
    format!("task-service:{}", URL_SAFE_NO_PAD.encode(secret))
}

/// A keyring of one key, as `TANDEM_TOKEN_KEYS` has it.
pub(super) fn new_token_keys() -> String {
    let key: [u8; 32] = chassis::Entropy::system().bytes();
    format!("k1:{}", STANDARD.encode(key))
}

/// Writes a secret that only we can read, whole or not at all, unless there is one.
fn make_secret(file: &Path, secret: impl FnOnce() -> String) -> io::Result<()> {
    if file.exists() {
        return Ok(());
    }
    let folder = file.parent().unwrap_or(Path::new("/"));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let draft = file.with_extension("new");
    let mut out = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)?;
    out.write_all(secret().as_bytes())?;
    out.sync_all()?;
    fs::rename(&draft, file)?;
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_secret_is_made_once_and_is_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secrets/one");
        super::make_secret(&file, || "first".to_owned()).unwrap();
        super::make_secret(&file, || "second".to_owned()).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "first");
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    }
}
