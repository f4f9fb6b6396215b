//! The file of `--web.config.file`, in the form of the Prometheus exporter toolkit: TLS, basic authentication, headers.
//!
//! Unsupported settings are rejected, not ignored.

use crate::cli::files::read_finite;
use crate::cli::hosts::value::Value as _;
use crate::cli::hosts::yaml::{Node, Yaml};
use crate::cli::output::reason;
use anyhow::{Context as _, anyhow, bail};
use bcrypt::HashParts;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{NoClientAuth, WebPkiClientVerifier, danger::ClientCertVerifier};
use rustls::{RootCertStore, ServerConfig};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The maximum size of each file in octets.
const LARGEST: u64 = 1 << 20;
/// The maximum cost of a hash (log2 of its rounds), which already takes a minute.
const COSTLIEST: u32 = 17;
/// The headers that the toolkit allows to be set.
const HEADERS: [&str; 5] = [
    "Content-Security-Policy",
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "X-XSS-Protection",
];

/// The configuration in the file.
#[derive(Clone, Default)]
pub struct WebConfig {
    /// TLS, if enabled.
    pub tls: Option<Arc<ServerConfig>>,
    /// The hash of each user's password; no authentication if empty.
    pub users: BTreeMap<String, String>,
    /// Headers to add to every answer.
    pub headers: Vec<(String, String)>,
    /// The files that were read.
    pub files: Vec<PathBuf>,
}

/// A mapping whose keys are all known.
struct Section<'a> {
    name: &'static str,
    entries: Vec<(String, Node<'a>)>,
}

impl<'a> Section<'a> {
    fn of(node: Node<'a>, name: &'static str) -> anyhow::Result<Self> {
        if node.text().is_some_and(|text| text.is_empty() || text == "~" || text == "null") {
            return Ok(Self { name, entries: Vec::new() });
        }
        let Some(entries) = node.entries() else { bail!("line {}: {name}: not a mapping", node.line()) };
        let mut seen = HashSet::new();
        for (key, value) in &entries {
            if !seen.insert(key.clone()) {
                bail!("line {}: {name}: {key} is given twice", value.line());
            }
        }
        Ok(Self { name, entries })
    }

    /// Rejects keys other than these; the error distinguishes keys of the toolkit that are not supported.
    fn only(&self, known: &[&str], unserved: &[&str]) -> anyhow::Result<()> {
        for (key, value) in &self.entries {
            let line = value.line();
            if unserved.contains(&key.as_str()) {
                bail!("line {line}: {}: {key} is not served", self.name);
            }
            if !known.contains(&key.as_str()) {
                bail!("line {line}: {}: unknown key {key}", self.name);
            }
        }
        Ok(())
    }

    fn get(&self, key: &str) -> Option<Node<'a>> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| *value)
    }

    fn text(&self, key: &str) -> anyhow::Result<Option<String>> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let Some(text) = node.text() else { bail!("line {}: {}: {key}: not a text", node.line(), self.name) };
        Ok(Some(text).filter(|text| !text.is_empty()))
    }
}

impl WebConfig {
    /// Reads the file and those it refers to.
    ///
    /// # Errors
    /// The fault and its line.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let octets =
            read_finite(path, LARGEST).map_err(|error| anyhow!("{}: {}", path.display(), reason(&error)))?;
        Self::parse(&String::from_utf8_lossy(&octets), path).with_context(|| path.display().to_string())
    }

    fn parse(text: &str, path: &Path) -> anyhow::Result<Self> {
        let yaml = Yaml::parse(text).map_err(|error| anyhow!("{error}"))?;
        if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
            return Ok(Self { files: vec![path.to_owned()], ..Self::default() });
        }
        let root = Section::of(yaml.root(), "the file")?;
        root.only(&["tls_server_config", "http_server_config", "basic_auth_users"], &["rate_limit"])?;
        let mut config = Self { files: vec![path.to_owned()], ..Self::default() };
        if let Some(node) = root.get("tls_server_config") {
            config.tls(&Section::of(node, "tls_server_config")?, path)?;
        }
        if let Some(node) = root.get("http_server_config") {
            config.http(&Section::of(node, "http_server_config")?)?;
        }
        if let Some(node) = root.get("basic_auth_users") {
            let users = Section::of(node, "basic_auth_users")?;
            for (user, node) in &users.entries {
                let hash = users.text(user)?.unwrap_or_default();
                let cost = hash.parse::<HashParts>().ok().map(|parts| parts.get_cost());
                match cost {
                    Some(cost) if cost <= COSTLIEST => {}
                    Some(cost) => bail!("line {}: {user}: the hash costs 2^{cost} rounds", node.line()),
                    // The value may be a hash, which is secret.
                    None => bail!("line {}: {user}: not a bcrypt hash", node.line()),
                }
                config.users.insert(user.clone(), hash);
            }
        }
        Ok(config)
    }

    fn tls(&mut self, section: &Section<'_>, path: &Path) -> anyhow::Result<()> {
        section.only(
            &["cert_file", "key_file", "client_ca_file", "client_auth_type", "min_version", "max_version"],
            &[
                "cert",
                "key",
                "client_ca",
                "cipher_suites",
                "curve_preferences",
                "prefer_server_cipher_suites",
                "client_allowed_sans",
            ],
        )?;
        for (key, served) in [("min_version", &["TLS12", "TLS13"][..]), ("max_version", &["TLS13"][..])] {
            if let Some(version) = section.text(key)?
                && !served.contains(&version.as_str())
            {
                bail!("tls_server_config: {key}: {version} is not served: TLS 1.3 is");
            }
        }
        let file = |key: &str| -> anyhow::Result<Option<PathBuf>> {
            // Relative to the directory of the configuration, as in the toolkit.
            let folder = path.parent().unwrap_or(Path::new(""));
            Ok(section.text(key)?.map(|name| folder.join(name)))
        };
        let (Some(certificate), Some(key)) = (file("cert_file")?, file("key_file")?) else {
            bail!("tls_server_config: cert_file and key_file are needed")
        };
        let authority = file("client_ca_file")?;
        let kind = section.text("client_auth_type")?.unwrap_or_else(|| "NoClientCert".into());
        let verifier = client_verifier(&kind, authority.as_deref())?;
        let key_octets = read(&key)?;
        let key_der = PrivateKeyDer::from_pem_slice(&key_octets)
            .map_err(|_| anyhow!("{}: no private key in PEM form", key.display()))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(verifier)
            .with_single_cert(certificates(&certificate)?, key_der)
            .with_context(|| format!("{} and {}", certificate.display(), key.display()))?;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        self.tls = Some(Arc::new(tls));
        self.files.extend([certificate, key]);
        self.files.extend(authority);
        Ok(())
    }

    fn http(&mut self, section: &Section<'_>) -> anyhow::Result<()> {
        section.only(&["http2", "headers"], &[])?;
        if section.text("http2")?.is_some_and(|value| value != "false") {
            bail!("http_server_config: http2: HTTP/2 is not served");
        }
        if let Some(node) = section.get("headers") {
            let headers = Section::of(node, "headers")?;
            headers.only(&HEADERS, &[])?;
            for (name, node) in &headers.entries {
                let value = headers.text(name)?.unwrap_or_default();
                if value.bytes().any(|octet| octet.is_ascii_control()) || !value.is_ascii() {
                    bail!("line {}: headers: {name}: not the value of a header", node.line());
                }
                self.headers.push((name.clone(), value));
            }
        }
        Ok(())
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    read_finite(path, LARGEST).map_err(|error| anyhow!("{}: {}", path.display(), reason(&error)))
}

fn certificates(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let octets = read(path)?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&octets).collect();
    match all {
        Ok(all) if !all.is_empty() => Ok(all),
        _ => bail!("{}: no certificate in PEM form", path.display()),
    }
}

fn client_verifier(kind: &str, authority: Option<&Path>) -> anyhow::Result<Arc<dyn ClientCertVerifier>> {
    let is_needed = match kind {
        "NoClientCert" => {
            if authority.is_some() {
                bail!("tls_server_config: client_ca_file needs a client_auth_type that verifies");
            }
            return Ok(Arc::new(NoClientAuth));
        }
        "VerifyClientCertIfGiven" => false,
        "RequireAndVerifyClientCert" => true,
        "RequestClientCert" | "RequireAnyClientCert" => {
            bail!("tls_server_config: client_auth_type: {kind} is not served: it verifies nothing")
        }
        _ => bail!("tls_server_config: client_auth_type: unknown: {kind}"),
    };
    let Some(authority) = authority else {
        bail!("tls_server_config: client_auth_type: {kind} needs a client_ca_file");
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates(authority)? {
        roots.add(certificate).with_context(|| authority.display().to_string())?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let builder = if is_needed { builder } else { builder.allow_unauthenticated() };
    Ok(builder.build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<WebConfig, String> {
        WebConfig::parse(text, Path::new("/nowhere/web.yml")).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn users_and_headers() {
        let hash = "$2b$04$A5CuA0wrGpvXhDPpHtkRYuWMNUvCoVMhYzbZf5hbLJGnf6BTYQVKq";
        let text = format!(
            "# comment\nbasic_auth_users:\n  alice: {hash}\nhttp_server_config:\n  http2: false\n  headers:\n    X-Frame-Options: deny\n"
        );
        let config = parse(&text).unwrap();
        assert_eq!(config.users["alice"], hash);
        assert_eq!(config.headers, [("X-Frame-Options".to_owned(), "deny".to_owned())]);
        assert!(config.tls.is_none());
        assert!(parse("").unwrap().users.is_empty());
        assert!(parse("# nothing\n").unwrap().users.is_empty());
    }

    #[test]
    fn what_is_unknown_or_not_served_is_an_error() {
        for (text, error) in [
            ("basic_auth_user:\n  a: b\n", "line 2: the file: unknown key basic_auth_user"),
            ("basic_auth_users:\n  alice: secret\n", "line 2: alice: not a bcrypt hash"),
            ("tls_server_config:\n  cert_file: a\n", "cert_file and key_file are needed"),
            ("tls_server_config:\n  cert_fil: a\n", "line 2: tls_server_config: unknown key cert_fil"),
            ("tls_server_config:\n  cipher_suites: [a]\n", "cipher_suites is not served"),
            ("tls_server_config:\n  max_version: TLS12\n", "TLS12 is not served"),
            (
                "tls_server_config: {cert_file: a, key_file: b, client_auth_type: RequireAnyClientCert}",
                "RequireAnyClientCert is not served",
            ),
            (
                "tls_server_config: {cert_file: a, key_file: b, client_auth_type: RequireAndVerifyClientCert}",
                "needs a client_ca_file",
            ),
            ("tls_server_config: {cert_file: a, key_file: b}", "/nowhere/b: "),
            ("http_server_config: {http2: true}", "HTTP/2 is not served"),
            ("http_server_config: {headers: {Server: x}}", "unknown key Server"),
            ("a: [", "not YAML"),
            ("- a\n", "line 1: the file: not a mapping"),
            ("basic_auth_users: {a: b}\nbasic_auth_users: {c: d}\n", "given twice"),
        ] {
            let complaint = parse(text).err().unwrap_or_default();
            assert!(complaint.contains(error), "{text}: {complaint}");
        }
    }
}
