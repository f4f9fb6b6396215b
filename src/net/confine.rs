//! Gives up what a program that only asks does not need, by Landlock, where the kernel has it (Linux 5.13 and later).
//!
//! What arrives from the network is parsed after that: a fault in a parser then cannot write a file, start a program or
//! accept a connection. Reading files stays possible, because the name service reads its own whenever it likes.

use landlock::{
    ABI, AccessFs, AccessNet, BitFlags, NetPort, PathBeneath, PathFd, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};
use std::path::Path;

/// The rights that are known here; a kernel that knows fewer takes away fewer.
const KNOWN: ABI = ABI::V6;
/// Name servers answer over TCP where a datagram is too short.
const DNS_PORT: u16 = 53;
/// For prompts and for the keys of a program that watches.
const TERMINAL: &str = "/dev/tty";

/// Which TCP connections may still be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tcp {
    /// To name servers.
    ToNameServers,
    /// To any port.
    Anywhere,
}

/// Confines this thread and those that it will start, for good: no file can be created, changed or removed, no program
/// run, no TCP connection accepted. Datagrams, Unix sockets with a path and reading are not affected, nor are files that
/// are already open. A socket may still be created and removed beside these ones: a Unix datagram reaches a client at its
/// path. Returns whether the kernel takes anything away.
pub fn confine(tcp: Tcp, sockets: &[&Path]) -> bool {
    rules(tcp, sockets).is_ok_and(|status| status != RulesetStatus::NotEnforced)
}

fn rules(tcp: Tcp, sockets: &[&Path]) -> Result<RulesetStatus, RulesetError> {
    let mut net = BitFlags::from(AccessNet::BindTcp);
    if tcp == Tcp::ToNameServers {
        net |= AccessNet::ConnectTcp;
    }
    let rules = Ruleset::default().handle_access(AccessFs::from_write(KNOWN) | AccessFs::Execute)?;
    let mut rules = rules.handle_access(net)?.scope(Scope::AbstractUnixSocket)?.create()?;
    if tcp == Tcp::ToNameServers {
        rules = rules.add_rule(NetPort::new(DNS_PORT, AccessNet::ConnectTcp))?;
    }
    if let Ok(terminal) = PathFd::new(TERMINAL) {
        rules = rules.add_rule(PathBeneath::new(terminal, AccessFs::WriteFile | AccessFs::IoctlDev))?;
    }
    for folder in sockets.iter().filter_map(|socket| PathFd::new(socket.parent()?).ok()) {
        rules = rules.add_rule(PathBeneath::new(folder, AccessFs::MakeSock | AccessFs::RemoveFile))?;
    }
    Ok(rules.restrict_self()?.ruleset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::io::ErrorKind::PermissionDenied;
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::unix::net::{UnixDatagram, UnixListener};
    use std::process::Command;

    /// In a thread of its own, since nothing takes it back.
    fn confined(tcp: Tcp, sockets: &[&Path], check: impl FnOnce() + Send) {
        std::thread::scope(|scope| {
            let work = || {
                // Nothing to check on a kernel without Landlock.
                if confine(tcp, sockets) {
                    check();
                }
            };
            scope.spawn(work).join().unwrap();
        });
    }

    #[test]
    fn files_are_read_but_not_written_and_no_program_runs() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("old"), folder.path().join("new"));
        fs::write(&old, "text").unwrap();
        confined(Tcp::ToNameServers, &[], || {
            assert_eq!(fs::read_to_string(&old).unwrap(), "text");
            let refused = [
                File::create(&new).err(),
                File::options().write(true).open(&old).err(),
                File::options().append(true).open(&old).err(),
                fs::remove_file(&old).err(),
                fs::rename(&old, &new).err(),
                fs::create_dir(&new).err(),
                std::os::unix::fs::symlink(&old, &new).err(),
                UnixListener::bind(&new).err(),
                Command::new("/bin/true").status().err(),
            ];
            for (at, error) in refused.iter().enumerate() {
                assert_eq!(error.as_ref().map(std::io::Error::kind), Some(PermissionDenied), "{at}");
            }
        });
        assert_eq!(fs::read_to_string(&old).unwrap(), "text");
    }

    #[test]
    fn a_socket_can_be_made_beside_that_of_a_daemon_only() {
        let folder = tempfile::tempdir().unwrap();
        let daemon = folder.path().join("daemon.sock");
        let server = UnixDatagram::bind(&daemon).unwrap();
        confined(Tcp::ToNameServers, &[&daemon], || {
            let path = folder.path().join("client");
            let client = UnixDatagram::bind(&path).unwrap();
            client.send_to(b"?", &daemon).unwrap();
            fs::remove_file(&path).unwrap();
            assert!(File::create(&path).is_err());
        });
        server.set_nonblocking(true).unwrap();
        let _ = server.recv(&mut [0; 8]);
    }

    #[test]
    fn datagrams_pass_and_connections_are_limited() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        for (tcp, may_connect) in [(Tcp::ToNameServers, false), (Tcp::Anywhere, true)] {
            confined(tcp, &[], || {
                let (one, other) = (UdpSocket::bind("127.0.0.1:0"), UdpSocket::bind("127.0.0.1:0"));
                let (one, other) = (one.unwrap(), other.unwrap());
                one.send_to(b"!", other.local_addr().unwrap()).unwrap();
                assert_eq!(other.recv(&mut [0; 8]).unwrap(), 1);
                // Ports have rights since Linux 6.7; older kernels allow both.
                if TcpListener::bind("127.0.0.1:0").is_err() {
                    assert_eq!(TcpStream::connect(address).is_ok(), may_connect);
                }
            });
        }
    }
}
