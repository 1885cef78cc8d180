//! Certificates, made anew for every test: no key is kept in the repository, and none expires there.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use tempfile::TempDir;

/// Somebody who vouches for servers.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params
            .distinguished_name
            .push(DnType::CommonName, "an authority of one test");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// What clients trust.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A server's certificate for this name, and its key.
    pub(crate) fn issue(&self, name: &str) -> Issued {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let cert = params.signed_by(&key, &self.0).unwrap();
        Issued {
            cert: cert.pem(),
            key: key.serialize_pem(),
        }
    }
}

/// A certificate and its key, as PEM.
pub(crate) struct Issued {
    pub(crate) cert: String,
    pub(crate) key: String,
}

impl Issued {
    /// As the files that settings name.
    pub(crate) fn files(&self) -> Files {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("cert.pem"), &self.cert).unwrap();
        std::fs::write(folder.path().join("key.pem"), &self.key).unwrap();
        Files(folder)
    }
}

/// They go away with this value.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn cert(&self) -> String {
        text(&self.0.path().join("cert.pem"))
    }

    pub(crate) fn key(&self) -> String {
        text(&self.0.path().join("key.pem"))
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}
