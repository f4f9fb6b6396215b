//! The trusted authorities.

use nix::errno::Errno;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use thiserror::Error;

/// Maximum size of a file of authorities.
const CA_FILE_LIMIT: u64 = 1 << 24;

/// Where the trusted authorities come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootsFrom {
    /// The file given by the user.
    File,
    /// The system's store.
    System,
    /// The built-in list.
    BuiltIn,
}

/// Why there are no trusted authorities.
#[derive(Debug, Error)]
pub enum RootsError {
    /// The file cannot be read.
    #[error("{}", .0.raw_os_error().map_or_else(|| .0.to_string(), |number| Errno::from_raw(number).desc().to_owned()))]
    Unreadable(io::Error),
    /// The file has no certificate.
    #[error("the file has no certificate (PEM is expected)")]
    Empty,
    /// The system has no authorities.
    #[error("this system has no certificate authorities (install the package ca-certificates)")]
    NoneHere,
}

/// Returns the authorities from a PEM file, or else those of the system. A static build, which may run on a minimal
/// system, falls back to Mozilla's list.
///
/// # Errors
/// [`RootsError`].
pub fn roots(file: Option<&Path>) -> Result<(RootCertStore, RootsFrom), RootsError> {
    let mut store = RootCertStore::empty();
    if let Some(path) = file {
        let mut octets = Vec::new();
        let opened = File::open(path).and_then(|file| file.take(CA_FILE_LIMIT).read_to_end(&mut octets));
        opened.map_err(RootsError::Unreadable)?;
        store.add_parsable_certificates(CertificateDer::pem_slice_iter(&octets).flatten());
        return if store.is_empty() { Err(RootsError::Empty) } else { Ok((store, RootsFrom::File)) };
    }
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if !store.is_empty() {
        return Ok((store, RootsFrom::System));
    }
    built_in(store)
}

#[cfg(target_feature = "crt-static")]
fn built_in(mut store: RootCertStore) -> Result<(RootCertStore, RootsFrom), RootsError> {
    store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if store.is_empty() { Err(RootsError::NoneHere) } else { Ok((store, RootsFrom::BuiltIn)) }
}

#[cfg(not(target_feature = "crt-static"))]
fn built_in(_: RootCertStore) -> Result<(RootCertStore, RootsFrom), RootsError> {
    Err(RootsError::NoneHere)
}
