//! This machine's own name: `localhost` and names below it need no name server (RFC 6761 section 6.3).

use super::Forward;
use crate::net::host::AddressFamily;
use std::fs::File;
use std::io::Read as _;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

/// Maximum amount of the hosts file to read.
const READ_LIMIT: u64 = 1 << 20;

/// Whether a name is this machine's own by definition.
pub(super) fn is_own_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Whether the hosts file defines the name, so that the resolver answers from it.
pub(super) fn hosts_name_it(path: &Path) -> bool {
    let mut octets = Vec::new();
    let read = File::open(path).and_then(|file| file.take(READ_LIMIT).read_to_end(&mut octets));
    read.is_ok()
        && octets.split(|octet| *octet == b'\n').any(|line| {
            let text = line.split(|octet| *octet == b'#').next().unwrap_or_default();
            let mut words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
            words.next().is_some() && words.any(|word| word.eq_ignore_ascii_case(b"localhost"))
        })
}

/// Returns the loopback addresses: IPv4 first, which every machine has.
pub(super) fn forward(name: &str, family: AddressFamily) -> Forward {
    let four = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let six = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
    let addresses = match family {
        AddressFamily::Any => vec![four, six],
        AddressFamily::Ipv4 => vec![four],
        AddressFamily::Ipv6 => vec![six],
    };
    Forward { canonical_name: Some(name.to_owned()), addresses }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn names_of_this_machine() {
        for name in ["localhost", "LocalHost", "localhost.", "ntp.localhost", "a.b.localhost."] {
            assert!(is_own_name(name), "{name}");
        }
        for name in ["localhost.example", "notlocalhost", "", ".", "local"] {
            assert!(!is_own_name(name), "{name}");
        }
    }

    #[test]
    fn the_hosts_file_may_define_it() {
        let names_it = |text: &[u8]| {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(text).unwrap();
            hosts_name_it(file.path())
        };
        assert!(names_it(b"# hosts\n127.0.0.1\tlocalhost\n") && names_it(b"::1 ip6 LOCALHOST # x\n"));
        assert!(!names_it(b"127.0.0.1 host # localhost\n") && !names_it(b"localhost\n") && !names_it(b""));
        assert!(!hosts_name_it(Path::new("/nowhere/hosts")));
    }
}
