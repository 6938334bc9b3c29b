//! Certificates: what a file or a server shows, until when it holds, and which versions of TLS a server takes.

use anyhow::{Context, ensure};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// What matters of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The first name it is for.
    pub name: String,
    pub names: Vec<String>,
    /// Seconds since 1970.
    pub not_after: i64,
}

impl Found {
    /// Whole days left at `now` (seconds since 1970); negative once it has ended.
    pub fn days_left(&self, now: i64) -> i64 {
        (self.not_after - now).div_euclid(86_400)
    }
}

/// The first certificate of a PEM file.
pub fn of_file(path: &Path) -> anyhow::Result<Found> {
    let text = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let chain = Certificate::load_pem_chain(&text)
        .with_context(|| format!("{} does not hold a certificate", path.display()))?;
    let first = chain.first().with_context(|| format!("{} is empty", path.display()))?;
    Ok(look(first))
}

fn look(certificate: &Certificate) -> Found {
    let inner = &certificate.tbs_certificate;
    let mut names = Vec::new();
    if let Ok(Some((_, SubjectAltName(list)))) = inner.get::<SubjectAltName>() {
        names.extend(list.iter().filter_map(|name| match name {
            GeneralName::DnsName(name) => Some(name.to_string()),
            _ => None,
        }));
    }
    let subject = inner.subject.to_string();
    Found {
        name: names.first().cloned().unwrap_or(subject),
        names,
        not_after: inner.validity.not_after.to_unix_duration().as_secs() as i64,
    }
}

/// Authorities to trust: the system's, or those of a file alone.
pub fn roots(ca_file: Option<&Path>) -> anyhow::Result<RootCertStore> {
    let mut store = RootCertStore::empty();
    match ca_file {
        Some(file) => {
            let text = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
            for certificate in Certificate::load_pem_chain(&text)? {
                store.add(CertificateDer::from(certificate.to_der()?))?;
            }
        }
        None => {
            // Some of a system's authorities may be of a form that rustls does not take.
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    ensure!(!store.is_empty(), "there is no authority to trust: give --ca-file");
    Ok(store)
}

/// Shakes hands with one version of TLS alone; the certificate that was shown, after checking it for `name`.
pub async fn handshake(
    place: &str,
    name: &str,
    version: &'static SupportedProtocolVersion,
    roots: RootCertStore,
) -> anyhow::Result<Found> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let server = ServerName::try_from(name.to_owned()).with_context(|| format!("{name} is no name"))?;
    let shaking = async {
        let tcp = TcpStream::connect(place)
            .await
            .with_context(|| format!("{place} does not answer"))?;
        anyhow::Ok(TlsConnector::from(Arc::new(config)).connect(server, tcp).await?)
    };
    let stream = tokio::time::timeout(Duration::from_secs(10), shaking)
        .await
        .with_context(|| format!("{place} did not answer within 10 seconds"))??;
    let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let shown = Certificate::from_der(shown.context("no certificate was shown")?)?;
    Ok(look(&shown))
}
