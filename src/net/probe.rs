//! Probes of single NTP servers, any number of them in parallel, each through its own socket.

use super::epoll::Epoll;
use super::sockets::Sockets;
use crate::session::drive::{Driver, Ended, Token, Watch};
use crate::session::nts::probe::Probe;
use std::io;
use std::net::SocketAddr;

/// A probe, its server, and any error.
#[derive(Debug)]
pub struct Asked {
    /// The server.
    pub server: SocketAddr,
    /// The probe.
    pub probe: Probe,
    /// Why a request could not be delivered.
    pub error: Option<io::Error>,
}

/// Ignores events: the probes themselves hold the results.
struct Nothing;

impl Watch<Probe> for Nothing {
    fn event(&mut self, _: Token, _: &mut Probe, (): ()) {}
}

/// Runs all of these probes in parallel, until each is answered or given up.
///
/// # Errors
/// The system cannot provide a descriptor, or waiting failed.
pub fn ask_all(questions: impl IntoIterator<Item = (SocketAddr, Probe)>) -> io::Result<Vec<Asked>> {
    let mut driver = Driver::new(Epoll::new(None)?);
    let mut all: Vec<(SocketAddr, Result<Token, Asked>)> = Vec::new();
    for (server, probe) in questions {
        all.push((
            server,
            match Sockets::open_stamped(server) {
                Ok(sockets) => Ok(driver.add(probe, sockets)),
                Err(error) => Err(Asked { server, probe, error: Some(error) }),
            },
        ));
    }
    let mut ended: Vec<Ended<Probe, Sockets>> = Vec::new();
    while !driver.is_empty() {
        driver.turn(&mut Nothing, None)?;
        ended.extend(driver.take_ended());
    }
    let asked = |(server, begun): (SocketAddr, Result<Token, Asked>)| match begun {
        Ok(token) => {
            let at = ended.iter().position(|ended| ended.token == token)?;
            let mut probe = ended.swap_remove(at).session;
            let error = probe.error.take();
            Some(Asked { server, probe, error })
        }
        Err(asked) => Some(asked),
    };
    Ok(all.into_iter().filter_map(asked).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::nts::probe::Question;
    use crate::wire::packet::{Mode, TimePacket};
    use std::net::{Ipv4Addr, UdpSocket};
    use std::time::Duration;

    #[test]
    fn each_server_has_its_own_outcome() {
        let answering = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let shut = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        let servers = [silent.local_addr().unwrap(), shut, answering.local_addr().unwrap()];
        let serving = std::thread::spawn(move || {
            let mut request = [0; 64];
            let (length, client) = answering.recv_from(&mut request).unwrap();
            let asked = TimePacket::parse(&request[..length]).unwrap();
            let answer =
                TimePacket { mode: Mode::SERVER, origin_timestamp: asked.transmit_timestamp, ..asked };
            answering.send_to(&answer.to_bytes(), client).unwrap();
        });
        let patience = Duration::from_millis(300);
        let questions = servers.map(|server| (server, Probe::new(Question::Plain, 1, patience, [3; 32])));
        let asked = ask_all(questions).unwrap();
        serving.join().unwrap();
        assert_eq!(asked.iter().map(|asked| asked.server).collect::<Vec<_>>(), servers);
        let answered: Vec<bool> = asked.iter().map(|asked| asked.probe.reply.is_some()).collect();
        assert_eq!(answered, [false, false, true]);
        let reply = asked[2].probe.reply.unwrap();
        assert!(reply.sent > 0 && reply.arrived >= reply.sent, "{reply:?}");
        let refused = asked[1].error.as_ref().map(io::Error::kind);
        assert_eq!(refused, Some(io::ErrorKind::ConnectionRefused));
        assert!(asked[0].error.is_none());
    }
}
