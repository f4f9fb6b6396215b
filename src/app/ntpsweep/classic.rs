//! The sweep as the Perl script of 4.2.8p15 makes it: one host at a time, using `sntp` and `ntpq`.

use super::args::NtpsweepArgs;
use super::row::{self, NOTHING};
use crate::app::scripts::{canonical_name, ntpq, read_variables};
use crate::cli::context::Context;
use crate::client::candidate::time;
use crate::client::time::ask_once;
use crate::compat::Quirk;
use crate::net::host::{AddressFamily, Host};
use crate::net::many::Jobs;
use crate::net::names::NameService;
use crate::wire::packet::TimePacket;
use std::collections::BTreeMap;
use std::time::Duration;

/// The timeout of `sntp`.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most lines printed, however the peers refer to each other.
const MAX_LINES: usize = 1 << 16;
/// Columns of a row in ntpq's peers table.
const COLUMNS: usize = 10;

/// The data about a host: the text after its name, and its peers.
#[derive(Clone)]
struct Known {
    row: Vec<u8>,
    peers: Vec<String>,
}

/// A sweep in progress.
struct Sweep<'a> {
    context: &'a mut Context,
    args: &'a NtpsweepArgs,
    names: NameService,
    known: BTreeMap<String, Known>,
    lines: usize,
}

/// Sweeps over these hosts.
pub fn run(context: &mut Context, args: &NtpsweepArgs, hosts: &[String]) {
    context.output.result(row::HEADING);
    context.output.flush();
    let names = NameService::system(args.patience.names.limit());
    let mut sweep = Sweep { context, args, names, known: BTreeMap::new(), lines: 0 };
    for host in hosts {
        sweep.scan(host, 0, &mut vec![host.clone()]);
    }
}

impl Sweep<'_> {
    /// Prints a host and, below it, its peers. `way` contains the hosts that lead to it, including itself.
    fn scan(&mut self, host: &str, level: usize, way: &mut Vec<String>) {
        if self.lines >= MAX_LINES || self.context.output.is_closed() {
            return;
        }
        let known = match self.known.get(host) {
            Some(known) => known.clone(),
            None => {
                let known = self.ask(host);
                self.known.insert(host.to_owned(), known.clone());
                known
            }
        };
        self.names.start_round();
        let mut name = format!("{}{}", " ".repeat(level), canonical_name(&self.names, host)).into_bytes();
        name = row::without(&name, self.args.strip.as_bytes());
        if self.args.peers && known.row != NOTHING {
            name.extend(format!(" ({})", known.peers.len()).into_bytes());
        }
        self.print(&row::line(&name, &known.row));
        let deepest = usize::try_from(self.args.maxlevel).unwrap_or(0);
        let is_deepest = self.args.maxlevel != 0 && level >= deepest;
        if !self.args.peers || is_deepest {
            return;
        }
        for peer in &known.peers {
            if way.contains(peer) {
                let name = format!("{}= {peer}", " ".repeat(level + 1));
                let name = row::without(name.as_bytes(), self.args.strip.as_bytes());
                self.print(&row::met_again(&name));
            } else if !peer.starts_with("127") {
                way.push(peer.clone());
                self.scan(peer, level + 1, way);
                way.pop();
            }
        }
    }

    fn print(&mut self, line: &[u8]) {
        self.lines += 1;
        self.context.output.quoting_result(line);
        self.context.output.flush();
    }

    fn ask(&mut self, host: &str) -> Known {
        let nothing = Known { row: NOTHING.to_vec(), peers: Vec::new() };
        let Some((offset, packet)) = self.time_of(host) else { return nothing };
        let names = "processor,system,daemon_version";
        let variables = read_variables(self.context, "0", names, host).unwrap_or_default();
        let text = |name: &str| variables.text(name).unwrap_or_default().to_vec();
        let daemon = text("daemon_version");
        let row = row::known(packet.stratum, Some(offset), &daemon, &text("system"), &text("processor"));
        let wants_peers = self.args.peers && !daemon.is_empty();
        let peers = if wants_peers { self.peers_of(host) } else { Vec::new() };
        Known { row, peers }
    }

    /// The offset and the answer of a host that gives the time.
    fn time_of(&mut self, host: &str) -> Option<(f64, TimePacket)> {
        let parsed: Host = host.parse().ok()?;
        self.names.start_round();
        let found = match self.names.forward(&parsed, AddressFamily::Any) {
            Ok(found) => found,
            Err(error) => {
                self.context.output.message(format!("{host} lookup error {error}\n"));
                return None;
            }
        };
        let address = *found.addresses.first()?;
        let server = ask_once(&[address], PATIENCE, Jobs::Usual).pop()?;
        let packet = server.reply?;
        if packet.leap == 3 || packet.stratum >= crate::client::hop::UNSYNCHRONIZED {
            let ip = address.ip();
            self.context.output.message(format!("sock_cb: {ip} not in sync, skipping this server\n"));
            return None;
        }
        Some((time(&server)?.offset, packet))
    }

    /// The peers that the script understands; it prints the rows of the others.
    fn peers_of(&mut self, host: &str) -> Vec<String> {
        let printed = ntpq(self.context, &["-npw"], host);
        let mut lines = printed.split_inclusive(|octet| *octet == b'\n').skip(2);
        let mut peers = Vec::new();
        while let Some(line) = lines.next() {
            let understood =
                self.context.dialect.keeps(Quirk::SIGNS_ARE_NO_PEERS).then(|| columns(line)).flatten();
            match understood {
                Some(columns) => {
                    // A long address has a line of its own.
                    if columns.len() == 1 && lines.next().is_none() {
                        break;
                    }
                    peers.extend(columns.first().map(|host| String::from_utf8_lossy(host).into_owned()));
                }
                None => self.context.output.message([b"ERROR: ", line].concat()),
            }
        }
        peers
    }
}

/// The columns of a row after the tally code, if it has ten and they contain only characters that the script expects: a
/// sign or a parenthesis is not one.
fn columns(line: &[u8]) -> Option<Vec<&[u8]>> {
    let (tally, rest) = line.split_first()?;
    if !b" x+#*o-".contains(tally)
        || !rest.last()?.is_ascii_whitespace()
        || rest.first()?.is_ascii_whitespace()
    {
        return None;
    }
    let columns: Vec<&[u8]> =
        rest.split(u8::is_ascii_whitespace).filter(|column| !column.is_empty()).collect();
    let is_expected = |octet: &u8| octet.is_ascii_alphanumeric() || b"_.*:-".contains(octet);
    let are_expected = columns.iter().all(|column| column.iter().all(is_expected));
    (are_expected && [1, COLUMNS].contains(&columns.len())).then_some(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_the_script_understands() {
        let count = |line: &str| columns(line.as_bytes()).map(|columns| columns.len());
        assert_eq!(
            count("*192.0.2.11      .LOCL.           1 u    2   16  377    0.067   -0.009   0.015\n"),
            Some(10)
        );
        assert_eq!(count("+2001:db8:1111:2222:3333:4444:5555:6666\n"), Some(1));
        for line in [
            "*192.0.2.11      .LOCL.           1 u    2   16  377    0.067   +0.009   0.015\n",
            "+192.0.2.13      LOCAL(0)         3 u    1   16  377    0.059   -0.018   0.004\n",
            "  192.0.2.13\n",
            "",
            "x",
        ] {
            assert_eq!(count(line), None, "{line}");
        }
    }
}
