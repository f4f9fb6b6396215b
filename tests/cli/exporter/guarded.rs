//! TLS, basic authentication, and the sockets of systemd.

use super::running::{Answer, Exporter, read_all};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::fs;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const CERTIFICATE: &str = include_str!("certificate.pem");
/// Of nobody but these tests.
const KEY: &str = include_str!("key.pem");

/// alice:secret, with another password, and without any colon.
const RIGHT: &str = "Authorization: Basic YWxpY2U6c2VjcmV0\r\n";
const WRONG: &str = "Authorization: Basic YWxpY2U6d3Jvbmc=\r\n";
const NOBODY: &str = "Authorization: Basic Ym9iOnNlY3JldA==\r\n";

fn configuration(folder: &Path, text: &str) -> String {
    fs::write(folder.join("certificate.pem"), CERTIFICATE).unwrap();
    fs::write(folder.join("key.pem"), KEY).unwrap();
    let path = folder.join("web.yml");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn users() -> String {
    format!("basic_auth_users:\n  alice: {}\n", bcrypt::hash("secret", 4).unwrap())
}

#[test]
fn users_need_their_password_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = configuration(folder.path(), &users());
    let exporter = Exporter::start(&["--web.config.file", &path]);
    for page in ["/", "/metrics", "/-/healthy", "/probe?target=127.0.0.1:9"] {
        for header in
            ["", WRONG, NOBODY, "Authorization: Basic ???\r\n", "Authorization: Bearer YWxpY2U6c2VjcmV0\r\n"]
        {
            let answer = exporter.get_with(page, header);
            assert_eq!(answer.status, 401, "{page} {header}");
            assert!(answer.head.contains("www-authenticate: basic"), "{}", answer.head);
        }
    }
    for _ in 0..2 {
        assert_eq!(exporter.get_with("/-/healthy", RIGHT).status, 200);
    }
    // Another configuration counts soon, a broken one does not.
    fs::write(folder.path().join("web.yml"), "basic_auth_users: {alice: secret}\n").unwrap();
    thread::sleep(Duration::from_millis(1100));
    assert_eq!(exporter.get("/-/healthy").status, 401);
    fs::write(folder.path().join("web.yml"), "http_server_config: {headers: {X-Frame-Options: deny}}\n")
        .unwrap();
    thread::sleep(Duration::from_millis(1100));
    let answer = exporter.get("/-/healthy");
    assert!(answer.status == 200 && answer.head.contains("x-frame-options: deny"), "{answer:?}");
}

/// A TLS connection to the exporter, whose certificate must bear this name.
fn over_tls_as(exporter: &Exporter, name: &'static str) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name).unwrap();
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    StreamOwned::new(session, exporter.connect())
}

#[test]
fn over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let tls = "tls_server_config:\n  cert_file: certificate.pem\n  key_file: key.pem\n";
    let path = configuration(folder.path(), &format!("{tls}{}", users()));
    let exporter = Exporter::start(&["--web.config.file", &path]);
    assert!(exporter.logged.iter().any(|line| line.contains(" tls=true\n")), "{:?}", exporter.logged);
    let mut stream = over_tls_as(&exporter, "127.0.0.1");
    let request = format!("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{RIGHT}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let answer = Answer::of(&read_all(&mut stream));
    assert!(answer.status == 200 && answer.body.contains("ntpkit_build_info"), "{answer:?}");
    // Who does not speak it gets nothing.
    let plain = exporter.say("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(!plain.contains("HTTP/1.1"), "{plain}");
}

#[test]
fn the_certificate_of_a_client() {
    let folder = tempfile::tempdir().unwrap();
    let text = "tls_server_config:\n  cert_file: certificate.pem\n  key_file: key.pem\n  client_ca_file: certificate.pem\n  \
                client_auth_type: RequireAndVerifyClientCert\n";
    let path = configuration(folder.path(), text);
    let exporter = Exporter::start(&["--web.config.file", &path]);
    let mut stream = over_tls_as(&exporter, "localhost");
    drop(stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    assert_eq!(read_all(&mut stream), "", "without one there is nothing");
}

#[test]
fn sockets_of_systemd() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // As systemd does it: descriptor 3, and the number of the process that it is for.
    let script =
        "exec 3<&0 0</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" exporter --web.systemd-socket";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_ntpkit")]);
    command.stdin(Stdio::from(OwnedFd::from(listener))).stdout(Stdio::null());
    let exporter = Exporter::listening(command);
    assert_eq!(exporter.address, address);
    assert_eq!(exporter.get("/-/healthy").body, "Healthy\n");
}
